-- The page asks for these at each view, and must not read every post for them.

CREATE INDEX posts_board ON posts (environment, board);
CREATE INDEX posts_account ON posts (environment, account) WHERE state = 'scheduled';
