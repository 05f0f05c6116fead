-- The audit trail, in the shape that the newest platform gives it; timestamp in RFC 3339.
CREATE TABLE IF NOT EXISTS audit_logs (
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
CREATE INDEX IF NOT EXISTS idx_audit_user ON audit_logs(user_id, timestamp);
CREATE INDEX IF NOT EXISTS idx_audit_event ON audit_logs(event_type, timestamp);
CREATE INDEX IF NOT EXISTS idx_audit_severity ON audit_logs(severity, timestamp);
