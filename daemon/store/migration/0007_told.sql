-- What people were told, by whom: so that nothing is told twice, or too often. A target is known by a short digest of
-- its address, which is a secret.
CREATE TABLE told (
  environment TEXT NOT NULL,
  target      TEXT NOT NULL,
  item        TEXT NOT NULL,               -- what it was told, in the daemon's words
  at          INTEGER NOT NULL,
  PRIMARY KEY (environment, target, item)
) STRICT, WITHOUT ROWID;
