-- The page asks for these at each view, and must not read every post for them. The environment comes last, or SQLite takes
-- them for every query that names one.

CREATE INDEX posts_board ON posts (board, environment);
CREATE INDEX posts_account ON posts (account, environment) WHERE state = 'scheduled';
