-- What each policy has carried, cumulative: packets, IP bytes, flows; timestamp in epoch seconds.
CREATE TABLE IF NOT EXISTS sdwan_policy_stats (
  stat_id INTEGER PRIMARY KEY AUTOINCREMENT,
  policy_id INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  packets_matched INTEGER NOT NULL,
  bytes_matched INTEGER NOT NULL,
  active_flows INTEGER NOT NULL,
  FOREIGN KEY (policy_id) REFERENCES sdwan_policies(policy_id)
);
CREATE INDEX IF NOT EXISTS idx_policy_stats_time ON sdwan_policy_stats(policy_id, timestamp);
