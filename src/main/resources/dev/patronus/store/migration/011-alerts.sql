-- The state of each alert rule of the configuration, written by the daemon with each snapshot; times
-- in epoch seconds. phase: ok, pending or firing, since that time. announced: 1 once the firing was
-- announced. last_fired: when it last began to fire. value, bound: of the newest evaluation, in the
-- unit of the rule; NULL if not known, for the reason in why.
CREATE TABLE IF NOT EXISTS patronus_alerts (
  name TEXT PRIMARY KEY,
  phase TEXT NOT NULL,
  since INTEGER NOT NULL,
  announced INTEGER NOT NULL,
  last_fired INTEGER,
  value REAL,
  bound REAL,
  why TEXT NOT NULL,
  evaluated INTEGER NOT NULL
) WITHOUT ROWID;
-- Alerts that are not announced until a time.
CREATE TABLE IF NOT EXISTS patronus_alert_silences (
  name TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) WITHOUT ROWID;
