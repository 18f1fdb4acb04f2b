-- A month of posted posts is read without the years before it.
CREATE INDEX posts_posted ON posts (environment, posted_at) WHERE state = 'posted';
