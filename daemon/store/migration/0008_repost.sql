-- Another pin of what is posted already, because a person asked for it: the post before holds its key all the same.

ALTER TABLE posts ADD COLUMN repost INTEGER NOT NULL DEFAULT 0;

DROP INDEX posts_key;
CREATE UNIQUE INDEX posts_key ON posts (environment, key)
  WHERE key <> '' AND allow_duplicate = 0 AND repost = 0 AND state IN ('scheduled', 'publishing', 'unconfirmed', 'posted');
