-- A store as schema 8 had it, with a post of each kind that must not get lost. It is never changed.
BEGIN TRANSACTION;
CREATE TABLE accounts (
  environment  TEXT NOT NULL,
  name         TEXT NOT NULL,
  paused       TEXT NOT NULL DEFAULT '',    -- who paused it: user, trial, scope, spam, busy, offline
  paused_until INTEGER NOT NULL DEFAULT 0,  -- 0: until a person ends it
  step         INTEGER NOT NULL DEFAULT 0,  -- how often in a row it had to back off
  no_resend    INTEGER NOT NULL DEFAULT 0,  -- look-ups cannot be trusted: nothing is sent twice by itself
  problem      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "accounts" VALUES('production','main','user',0,0,0,'');
CREATE TABLE attempts (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  post         INTEGER NOT NULL REFERENCES posts (id),
  name         TEXT NOT NULL DEFAULT '',    -- another installation's, in the folder's ledger; '' for our own
  environment  TEXT NOT NULL,
  account      TEXT NOT NULL,
  board        TEXT NOT NULL,
  section      TEXT NOT NULL,
  title        TEXT NOT NULL,               -- the text as sent
  description  TEXT NOT NULL,
  link         TEXT NOT NULL,
  alt_text     TEXT NOT NULL,
  hash         TEXT NOT NULL,
  pace         TEXT NOT NULL,
  started_at   INTEGER NOT NULL,            -- our clock
  pinterest_at INTEGER NOT NULL DEFAULT 0,  -- the start by Pinterest's clock
  ended_at     INTEGER NOT NULL DEFAULT 0,
  outcome      TEXT NOT NULL DEFAULT '',    -- '' while it runs
  looks        INTEGER NOT NULL DEFAULT 0   -- complete look-ups that did not find it
, slot INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "attempts" VALUES(1,1,'','production','main','Landscapes','','Title','','','','aa','',1796149800000,1796149800000,1796149801000,'posted',0,0);
INSERT INTO "attempts" VALUES(2,3,'','production','main','Landscapes','','Title','','','','cc','',1796149800000,1796149800000,1796149801000,'unknown',0,0);
CREATE TABLE directories (
  environment TEXT NOT NULL,
  folder      TEXT NOT NULL,
  dir         TEXT NOT NULL,
  digest      BLOB NOT NULL,               -- of its files' names and states, and all else that its posts are read by
  waiting     INTEGER NOT NULL,            -- photos without a sidecar
  PRIMARY KEY (environment, folder, dir)
) STRICT, WITHOUT ROWID;
CREATE TABLE folders (
  path    TEXT PRIMARY KEY,            -- absolute
  state   TEXT NOT NULL DEFAULT '',    -- watching, absent, standby, not_answering, read_only
  watch   TEXT NOT NULL DEFAULT '',    -- events or poll
  why     TEXT NOT NULL DEFAULT '',    -- why this mode
  problem TEXT NOT NULL DEFAULT '',    -- JSON of post.Problem
  waiting     INTEGER NOT NULL DEFAULT 0, -- photos without a sidecar
  unsupported INTEGER NOT NULL DEFAULT 0  -- films, RAW and other media
, marked INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "folders" VALUES('/pins','watching','events','ext4 tells all changes','',0,0,0);
CREATE TABLE history (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  post    INTEGER NOT NULL REFERENCES posts (id),
  at      INTEGER NOT NULL,
  state   TEXT NOT NULL,
  problem TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO "history" VALUES(1,1,1796149801000,'posted','');
INSERT INTO "history" VALUES(2,3,1796149801000,'unconfirmed','');
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('installation','OLDINSTALLATION');
INSERT INTO "meta" VALUES('zone','Europe/Oslo');
CREATE TABLE posts (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  version         INTEGER NOT NULL DEFAULT 1,
  environment     TEXT NOT NULL,
  folder          TEXT NOT NULL,
  dir             TEXT NOT NULL,               -- directory in the folder, '.' is its top
  photo           TEXT NOT NULL DEFAULT '',    -- path in the folder, as on disk
  sidecar         TEXT NOT NULL DEFAULT '',
  name            TEXT NOT NULL,               -- the path, folded: what the files' names stand for
  current         INTEGER NOT NULL DEFAULT 1,  -- 0: the name now stands for another post
  seen            TEXT NOT NULL DEFAULT '',    -- stamps of all files it was read from
  content         TEXT NOT NULL DEFAULT '',    -- digest of all that it was read from
  sidecar_hash    TEXT NOT NULL DEFAULT '',    -- as posted, once it is posted
  hash            TEXT NOT NULL DEFAULT '',
  key             TEXT NOT NULL DEFAULT '',
  account         TEXT NOT NULL DEFAULT '',
  board           TEXT NOT NULL DEFAULT '',
  board_line      INTEGER NOT NULL DEFAULT 0,  -- where the sidecar names it
  section         TEXT NOT NULL DEFAULT '',
  title           TEXT NOT NULL DEFAULT '',
  description     TEXT NOT NULL DEFAULT '',
  link            TEXT NOT NULL DEFAULT '',
  alt_text        TEXT NOT NULL DEFAULT '',
  allow_duplicate INTEGER NOT NULL DEFAULT 0,
  publish_at      INTEGER NOT NULL DEFAULT 0,
  publish_now     INTEGER NOT NULL DEFAULT 0,
  due_at          INTEGER NOT NULL DEFAULT 0,
  zone            TEXT NOT NULL DEFAULT '',
  note            TEXT NOT NULL DEFAULT '',
  pace            TEXT NOT NULL DEFAULT '',
  state           TEXT NOT NULL,
  problem         TEXT NOT NULL DEFAULT '',
  attempts        INTEGER NOT NULL DEFAULT 0,
  ready_at        INTEGER NOT NULL DEFAULT 0,
  not_before      INTEGER NOT NULL DEFAULT 0,
  posted_at       INTEGER NOT NULL DEFAULT 0,
  gone_since      INTEGER NOT NULL DEFAULT 0,
  changed_after   INTEGER NOT NULL DEFAULT 0,
  created_at      INTEGER NOT NULL
, images TEXT NOT NULL DEFAULT '', place INTEGER NOT NULL DEFAULT 0, slot  INTEGER NOT NULL DEFAULT 0, gap_days  INTEGER NOT NULL DEFAULT 0, gap_clock INTEGER NOT NULL DEFAULT 0, repost INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "posts" VALUES(1,1,'production','/pins','.','posted.jpg','posted.yaml','posted.jpg',1,'1:2:3','','','aa','aa','main','Landscapes',0,'','Title of posted.jpg','','','',0,1796149800000,0,1796149800000,'Europe/Oslo','','','posted','',1,0,0,1796149801000,0,0,1796149800000,'',0,0,0,0,0);
INSERT INTO "posts" VALUES(2,1,'production','/pins','.','scheduled.jpg','scheduled.yaml','scheduled.jpg',1,'1:2:3','','','bb','bb','main','Landscapes',0,'','Title of scheduled.jpg','','','',0,1796236200000,0,1796236200000,'Europe/Oslo','','','scheduled','',0,0,0,0,0,0,1796149800000,'',0,0,0,0,0);
INSERT INTO "posts" VALUES(3,1,'production','/pins','.','unconfirmed.jpg','unconfirmed.yaml','unconfirmed.jpg',1,'1:2:3','','','cc','cc','main','Landscapes',0,'','Title of unconfirmed.jpg','','','',0,1796149800000,0,1796149800000,'Europe/Oslo','','','unconfirmed','',1,0,0,0,0,0,1796149800000,'',0,0,0,0,0);
INSERT INTO "posts" VALUES(4,1,'production','/pins','.','queued.jpg','queued.yaml','queued.jpg',1,'1:2:3','','','dd','dd','main','Landscapes',0,'','Title of queued.jpg','','','',0,0,0,0,'Europe/Oslo','','','scheduled','',0,0,0,0,0,0,1796149800000,'',4,0,0,0,0);
CREATE TABLE transfers (
  post  INTEGER PRIMARY KEY REFERENCES posts (id),
  files TEXT NOT NULL                       -- JSON of [{from, to, stamp}], paths in the folder
) STRICT;
CREATE UNIQUE INDEX posts_key ON posts (environment, key)
  WHERE key <> '' AND allow_duplicate = 0 AND repost = 0 AND state IN ('scheduled', 'publishing', 'unconfirmed', 'posted');
CREATE INDEX posts_due ON posts (environment, state, due_at);
CREATE INDEX attempts_post ON attempts (post, id);
CREATE INDEX attempts_account ON attempts (environment, account, started_at);
CREATE INDEX history_post ON history (post, id);
CREATE INDEX posts_content ON posts (environment, key) WHERE key <> '';
CREATE INDEX posts_images ON posts (environment, folder) WHERE images <> '' AND current = 1;
CREATE INDEX posts_gone ON posts (environment, folder) WHERE gone_since <> 0 AND current = 1 AND state <> 'withdrawn';
CREATE INDEX posts_asked ON posts (environment) WHERE state = 'scheduled' AND (publish_now = 1 OR pace = 'retry');
CREATE INDEX posts_posted ON posts (environment, posted_at) WHERE state = 'posted';
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
CREATE INDEX posts_place ON posts (place) WHERE place <> 0;
CREATE INDEX posts_queue ON posts (environment, account, place)
  WHERE state = 'scheduled' AND publish_now = 0 AND due_at = 0;
CREATE INDEX posts_slot ON posts (environment, account, slot) WHERE slot <> 0;
CREATE INDEX attempts_slot ON attempts (environment, account, slot) WHERE slot <> 0;
CREATE INDEX posts_name ON posts (environment, folder, dir, name) WHERE current = 1;
CREATE TABLE told (
  environment TEXT NOT NULL,
  target      TEXT NOT NULL,
  item        TEXT NOT NULL,               -- what it was told, in the daemon's words
  at          INTEGER NOT NULL,
  PRIMARY KEY (environment, target, item)
) STRICT, WITHOUT ROWID;
INSERT INTO "told" VALUES('production','aa','post 3',1796149800000);
COMMIT;
PRAGMA user_version = 8;
PRAGMA application_id = 1885957734;
