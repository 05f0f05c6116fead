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
CREATE TABLE sdwan_path_health (
  health_id INTEGER PRIMARY KEY AUTOINCREMENT,
  path_id TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  latency_ms REAL NOT NULL,
  packet_loss_pct REAL NOT NULL,
  jitter_ms REAL NOT NULL,
  health_score REAL NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('up', 'degraded', 'down'))
);
CREATE INDEX idx_path_health_path_time ON sdwan_path_health(path_id, timestamp);
CREATE TABLE sdwan_failover_policies (
  policy_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  primary_path_id TEXT NOT NULL,
  backup_path_ids TEXT NOT NULL,
  failover_threshold REAL NOT NULL DEFAULT 50.0,
  failback_threshold REAL NOT NULL DEFAULT 80.0,
  failback_delay_secs INTEGER NOT NULL DEFAULT 60,
  enabled INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE sdwan_failover_events (
  event_id INTEGER PRIMARY KEY AUTOINCREMENT,
  policy_id INTEGER NOT NULL,
  event_type TEXT NOT NULL CHECK (event_type IN ('triggered', 'completed', 'failed', 'policy_enabled', 'policy_disabled')),
  from_path_id TEXT,
  to_path_id TEXT,
  reason TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  FOREIGN KEY (policy_id) REFERENCES sdwan_failover_policies(policy_id)
);
CREATE INDEX idx_failover_events_policy_time ON sdwan_failover_events(policy_id, timestamp);
CREATE TABLE sdwan_flows (
  flow_id INTEGER PRIMARY KEY AUTOINCREMENT,
  src_ip TEXT NOT NULL,
  dst_ip TEXT NOT NULL,
  src_port INTEGER NOT NULL,
  dst_port INTEGER NOT NULL,
  protocol INTEGER NOT NULL,
  path_id INTEGER NOT NULL,
  policy_id INTEGER,
  started_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  bytes_tx INTEGER DEFAULT 0,
  bytes_rx INTEGER DEFAULT 0,
  packets_tx INTEGER DEFAULT 0,
  packets_rx INTEGER DEFAULT 0,
  status TEXT DEFAULT 'active' CHECK (status IN ('active', 'idle', 'closed')),
  UNIQUE (src_ip, dst_ip, src_port, dst_port, protocol)
);
CREATE INDEX idx_flows_path ON sdwan_flows(path_id);
CREATE INDEX idx_flows_status_time ON sdwan_flows(status, last_seen_at);
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_login INTEGER,
  is_active INTEGER NOT NULL DEFAULT 1,
  UNIQUE (email)
);
CREATE TABLE audit_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp TEXT NOT NULL,
  user_id TEXT,
  user_email TEXT,
  ip_address TEXT,
  user_agent TEXT,
  event_type TEXT NOT NULL,
  event_data TEXT NOT NULL,
  success INTEGER NOT NULL,
  severity TEXT NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_audit_severity ON audit_logs(severity, timestamp);
CREATE INDEX idx_audit_event ON audit_logs(event_type, timestamp);
CREATE INDEX idx_audit_user ON audit_logs(user_id, timestamp);
CREATE TABLE revoked_tokens (
  token_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  revoked_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_revoked_user ON revoked_tokens(user_id);
