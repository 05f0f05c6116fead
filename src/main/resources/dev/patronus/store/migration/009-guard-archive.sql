-- What the guards of level 'all' know of a deletion by the platform that goes on: one row.
-- paused: 1 within a deletion of ours, which archives its rows itself. keep_seconds: how long
-- a site can be restored. archive_id, opened_at: the archive that takes rows; NULL for none. site_a,
-- site_b: the sites that all its paths have in common. waiting_since: when an endpoint was archived
-- under the number 0, where it waits for the deletion of its site.
CREATE TABLE IF NOT EXISTS patronus_guard_archive (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  paused INTEGER NOT NULL DEFAULT 0,
  keep_seconds INTEGER NOT NULL DEFAULT 2592000,
  archive_id INTEGER,
  opened_at INTEGER,
  site_a TEXT,
  site_b TEXT,
  waiting_since INTEGER
);
INSERT OR IGNORE INTO patronus_guard_archive (one) VALUES (1);
