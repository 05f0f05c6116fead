-- The tables that the platform makes at this age.
CREATE TABLE sdwan_sites (
  site_id TEXT PRIMARY KEY,
  site_name TEXT NOT NULL,
  public_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'degraded'))
);
CREATE TABLE sdwan_endpoints (
  endpoint_id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id TEXT NOT NULL,
  address TEXT NOT NULL,
  interface_type TEXT NOT NULL,
  cost_per_gb REAL NOT NULL,
  reachable INTEGER NOT NULL,
  FOREIGN KEY (site_id) REFERENCES sdwan_sites(site_id)
);
CREATE TABLE sdwan_paths (
  path_id INTEGER PRIMARY KEY AUTOINCREMENT,
  src_site_id TEXT NOT NULL,
  dst_site_id TEXT NOT NULL,
  src_endpoint TEXT NOT NULL,
  dst_endpoint TEXT NOT NULL,
  wg_interface TEXT,
  status TEXT NOT NULL CHECK (status IN ('up', 'down', 'degraded')),
  UNIQUE (src_site_id, dst_site_id, src_endpoint, dst_endpoint),
  FOREIGN KEY (src_site_id) REFERENCES sdwan_sites(site_id),
  FOREIGN KEY (dst_site_id) REFERENCES sdwan_sites(site_id)
);
CREATE TABLE sdwan_path_metrics (
  metric_id INTEGER PRIMARY KEY AUTOINCREMENT,
  path_id INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  latency_ms REAL NOT NULL,
  jitter_ms REAL NOT NULL,
  packet_loss_pct REAL NOT NULL,
  bandwidth_mbps REAL NOT NULL,
  mtu INTEGER NOT NULL,
  score INTEGER NOT NULL,
  FOREIGN KEY (path_id) REFERENCES sdwan_paths(path_id)
);
CREATE INDEX idx_path_metrics_time ON sdwan_path_metrics(path_id, timestamp);
CREATE TABLE sdwan_policies (
  policy_id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  priority INTEGER NOT NULL,
  match_rules TEXT NOT NULL,
  path_preference TEXT NOT NULL,
  enabled INTEGER NOT NULL
);
CREATE TABLE sdwan_system_metrics (
  metric_id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp INTEGER NOT NULL,
  throughput_mbps REAL NOT NULL,
  packets_per_second INTEGER NOT NULL,
  active_flows INTEGER NOT NULL,
  avg_latency_ms REAL NOT NULL,
  avg_packet_loss REAL NOT NULL,
  cpu_usage REAL NOT NULL,
  memory_usage REAL NOT NULL
);
CREATE INDEX idx_system_metrics_time ON sdwan_system_metrics(timestamp);
CREATE TABLE sdwan_policy_stats (
  stat_id INTEGER PRIMARY KEY AUTOINCREMENT,
  policy_id INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  packets_matched INTEGER NOT NULL,
  bytes_matched INTEGER NOT NULL,
  active_flows INTEGER NOT NULL,
  FOREIGN KEY (policy_id) REFERENCES sdwan_policies(policy_id)
);
CREATE INDEX idx_policy_stats_time ON sdwan_policy_stats(policy_id, timestamp);
