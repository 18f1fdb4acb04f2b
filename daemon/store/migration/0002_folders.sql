-- Folders as they really are: carousels, losses that are judged together, files that are put away.

ALTER TABLE folders ADD COLUMN marked INTEGER NOT NULL DEFAULT 0; -- .pinfold/ has been seen in it

-- hash is, of a carousel, that of each photo, with commas between them.
ALTER TABLE posts ADD COLUMN images TEXT NOT NULL DEFAULT ''; -- paths in the folder of a carousel's other photos, with NUL between them

DROP INDEX posts_duplicate;
CREATE INDEX posts_content ON posts (environment, key) WHERE key <> '';
CREATE INDEX posts_images ON posts (environment, folder) WHERE images <> '' AND current = 1;
CREATE INDEX posts_gone ON posts (environment, folder) WHERE gone_since <> 0 AND current = 1 AND state <> 'withdrawn';
CREATE INDEX posts_asked ON posts (environment) WHERE state = 'scheduled' AND (publish_now = 1 OR pace = 'retry');

-- Posted files on their way to posted/: what a death leaves half done is completed from here.
CREATE TABLE transfers (
  post  INTEGER PRIMARY KEY REFERENCES posts (id),
  files TEXT NOT NULL                       -- JSON of [{from, to, stamp}], paths in the folder
) STRICT;
