-- Several boards: several posts stand for one name.

ALTER TABLE posts ADD COLUMN gap_days  INTEGER NOT NULL DEFAULT 0; -- board_gap, where no time is written: calendar days
ALTER TABLE posts ADD COLUMN gap_clock INTEGER NOT NULL DEFAULT 0; -- and milliseconds

DROP INDEX posts_name;
CREATE INDEX posts_name ON posts (environment, folder, dir, name) WHERE current = 1;
