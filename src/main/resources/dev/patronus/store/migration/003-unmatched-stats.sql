-- What no policy matched, cumulative; timestamp in epoch seconds.
CREATE TABLE IF NOT EXISTS patronus_unmatched_stats (
  timestamp INTEGER PRIMARY KEY,
  packets INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  active_flows INTEGER NOT NULL
);
