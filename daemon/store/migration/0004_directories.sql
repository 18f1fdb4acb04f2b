-- Directories whose files and posts agree, with nothing left to wait for: a look that finds a directory as it was
-- then need not read its posts. Whatever a look could notice takes the row away, whoever writes it.

CREATE TABLE directories (
  environment TEXT NOT NULL,
  folder      TEXT NOT NULL,
  dir         TEXT NOT NULL,
  digest      BLOB NOT NULL,               -- of its files' names and states, and all else that its posts are read by
  waiting     INTEGER NOT NULL,            -- photos without a sidecar
  PRIMARY KEY (environment, folder, dir)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER directories_post_made AFTER INSERT ON posts BEGIN
  DELETE FROM directories WHERE environment = NEW.environment AND folder = NEW.folder AND dir = NEW.dir;
END;
CREATE TRIGGER directories_post_deleted AFTER DELETE ON posts BEGIN
  DELETE FROM directories WHERE environment = OLD.environment AND folder = OLD.folder AND dir = OLD.dir;
END;
CREATE TRIGGER directories_post_changed AFTER UPDATE ON posts
WHEN (OLD.environment, OLD.folder, OLD.dir, OLD.photo, OLD.sidecar, OLD.images, OLD.name, OLD.current, OLD.seen, OLD.state, OLD.gone_since)
  IS NOT (NEW.environment, NEW.folder, NEW.dir, NEW.photo, NEW.sidecar, NEW.images, NEW.name, NEW.current, NEW.seen, NEW.state, NEW.gone_since)
BEGIN
  DELETE FROM directories WHERE environment = OLD.environment AND folder = OLD.folder AND dir = OLD.dir;
  DELETE FROM directories WHERE environment = NEW.environment AND folder = NEW.folder AND dir = NEW.dir;
END;

-- A carousel's photos may lie in any directory of its folder, and are no posts of their own there.
CREATE TRIGGER directories_carousel_made AFTER INSERT ON posts WHEN NEW.images <> '' BEGIN
  DELETE FROM directories WHERE environment = NEW.environment AND folder = NEW.folder;
END;
CREATE TRIGGER directories_carousel_deleted AFTER DELETE ON posts WHEN OLD.images <> '' BEGIN
  DELETE FROM directories WHERE environment = OLD.environment AND folder = OLD.folder;
END;
CREATE TRIGGER directories_carousel_changed AFTER UPDATE ON posts
WHEN (OLD.images <> '' OR NEW.images <> '')
  AND (OLD.environment, OLD.folder, OLD.images, OLD.current, OLD.sidecar, OLD.photo, OLD.state = 'withdrawn')
  IS NOT (NEW.environment, NEW.folder, NEW.images, NEW.current, NEW.sidecar, NEW.photo, NEW.state = 'withdrawn')
BEGIN
  DELETE FROM directories WHERE environment = OLD.environment AND folder = OLD.folder;
  DELETE FROM directories WHERE environment = NEW.environment AND folder = NEW.folder;
END;

-- What posts_name begins with finds them as well.
DROP INDEX posts_dir;
