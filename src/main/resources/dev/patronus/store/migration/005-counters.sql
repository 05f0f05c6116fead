-- The name of this database, which a copy of it has too, and the last numbered snapshot, from which
-- counting goes on where the daemon's file of counters cannot be believed. One row.
-- taken: its stamp in epoch seconds. first_stat_id to last_stat_id: its rows of sdwan_policy_stats.
-- estimated: 1 if a volume was scaled up from samples. resets: the number of the last reset.
CREATE TABLE IF NOT EXISTS patronus_counters (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  database_id TEXT NOT NULL,
  snapshot INTEGER NOT NULL DEFAULT 0,
  taken INTEGER NOT NULL DEFAULT 0,
  first_stat_id INTEGER NOT NULL DEFAULT 0,
  last_stat_id INTEGER NOT NULL DEFAULT 0,
  unmatched_packets INTEGER NOT NULL DEFAULT 0,
  unmatched_bytes INTEGER NOT NULL DEFAULT 0,
  tunnel_packets INTEGER NOT NULL DEFAULT 0,
  tunnel_bytes INTEGER NOT NULL DEFAULT 0,
  estimated INTEGER NOT NULL DEFAULT 0,
  resets INTEGER NOT NULL DEFAULT 0
);
-- What the last reset took from each counter; policy_id is 0 but for a policy.
CREATE TABLE IF NOT EXISTS patronus_counter_resets (
  kind TEXT NOT NULL CHECK (kind IN ('policy', 'unmatched', 'tunnels')),
  policy_id INTEGER NOT NULL,
  packets INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (kind, policy_id)
) WITHOUT ROWID;
-- How many records of each source are in the last numbered snapshot.
CREATE TABLE IF NOT EXISTS patronus_source_progress (
  source_id INTEGER PRIMARY KEY,
  records INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  opened INTEGER NOT NULL
);
