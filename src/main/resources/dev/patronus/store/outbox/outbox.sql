-- What a hub has got of this database, and what has changed since; only while a hub is configured.
-- acknowledged: the token of the last batch that the hub is known to have taken; pending: that of the
-- batch that was sent then. A hub with another token was sent to by another copy of this database.
CREATE TABLE IF NOT EXISTS patronus_fleet (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  acknowledged TEXT NOT NULL,
  pending TEXT NOT NULL
);
-- Rows of other tables that have changed, in order: the newest change of each. kind: series,
-- five_minutes, hours, days, unmatched, stat, site, policy or path. key: its own; start: of a cell.
-- at: when a change of the platform was noticed, in epoch seconds.
CREATE TABLE IF NOT EXISTS patronus_fleet_changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key NOT NULL,
  start INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, key, start)
);
-- Sites, policies and paths as they were noticed last.
CREATE TABLE IF NOT EXISTS patronus_fleet_objects (
  kind TEXT NOT NULL,
  key NOT NULL,
  digest INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;
