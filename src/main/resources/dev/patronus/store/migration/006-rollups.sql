-- Roll-ups of traffic, which outlive the rows that they were made of; times in epoch seconds.
-- How far they are made. One row.
-- mark: rows of sdwan_policy_stats up to this stat_id are in them. complete: 1 once all rows were.
-- five_minutes_from, hours_from: cells before are removed, or being removed.
CREATE TABLE IF NOT EXISTS patronus_rollup (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  mark INTEGER NOT NULL DEFAULT 0,
  complete INTEGER NOT NULL DEFAULT 0,
  five_minutes_from INTEGER NOT NULL DEFAULT -62135596800,
  hours_from INTEGER NOT NULL DEFAULT -62135596800
);
INSERT OR IGNORE INTO patronus_rollup (one) VALUES (1);
-- A policy whose traffic is rolled up, and its name, which stay when the policy goes; series 0 is
-- what no policy matched. newest: the latest time of a row. disordered: 1 once a row came with an
-- earlier time than one before it. last_: the plausible row that came last, which the next one is
-- compared with. open_: a cell of 5 minutes that is in no tier yet. Hours before hours_until and
-- days before days_until are in their tiers.
CREATE TABLE IF NOT EXISTS patronus_series (
  series_id INTEGER PRIMARY KEY,
  policy_id INTEGER UNIQUE,
  name TEXT NOT NULL,
  newest INTEGER,
  disordered INTEGER NOT NULL DEFAULT 0,
  last_stat_id INTEGER NOT NULL DEFAULT 0,
  last_timestamp INTEGER,
  last_packets INTEGER,
  last_bytes INTEGER,
  hours_until INTEGER,
  days_until INTEGER,
  open_start INTEGER,
  open_packets INTEGER,
  open_bytes INTEGER,
  open_active_flows INTEGER,
  open_active_flows_highest INTEGER,
  open_last_second INTEGER,
  open_covered_seconds INTEGER,
  open_longest_seconds INTEGER,
  open_readings INTEGER,
  open_resets INTEGER,
  open_implausible INTEGER
);
INSERT OR IGNORE INTO patronus_series (series_id, name) VALUES (0, '');
-- Sums of what a series carried in steps of 5 minutes, hours and days (UTC). start: of the step.
-- active_flows: of the latest row, whose time is last_second. covered_seconds, longest_seconds: the
-- time that all changes span, and the longest of them. readings: rows; implausible: rows that were
-- passed over.
CREATE TABLE IF NOT EXISTS patronus_five_minutes (
  series_id INTEGER NOT NULL,
  start INTEGER NOT NULL,
  packets INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  active_flows INTEGER NOT NULL,
  active_flows_highest INTEGER NOT NULL,
  last_second INTEGER NOT NULL,
  covered_seconds INTEGER NOT NULL,
  longest_seconds INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  resets INTEGER NOT NULL,
  implausible INTEGER NOT NULL,
  PRIMARY KEY (series_id, start)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS patronus_hours (
  series_id INTEGER NOT NULL,
  start INTEGER NOT NULL,
  packets INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  active_flows INTEGER NOT NULL,
  active_flows_highest INTEGER NOT NULL,
  last_second INTEGER NOT NULL,
  covered_seconds INTEGER NOT NULL,
  longest_seconds INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  resets INTEGER NOT NULL,
  implausible INTEGER NOT NULL,
  PRIMARY KEY (series_id, start)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS patronus_days (
  series_id INTEGER NOT NULL,
  start INTEGER NOT NULL,
  packets INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  active_flows INTEGER NOT NULL,
  active_flows_highest INTEGER NOT NULL,
  last_second INTEGER NOT NULL,
  covered_seconds INTEGER NOT NULL,
  longest_seconds INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  resets INTEGER NOT NULL,
  implausible INTEGER NOT NULL,
  PRIMARY KEY (series_id, start)
) WITHOUT ROWID;
