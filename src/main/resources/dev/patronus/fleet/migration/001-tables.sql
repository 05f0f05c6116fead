-- The hub: what the gateways of a fleet have sent, in the schema "fleet". Names of columns are
-- those of the gateway's tables. Times are epoch seconds (UTC) of the gateway's own clock; those of
-- the hub's clock are timestamptz. Policy ids are signed here as in SQLite, and unsigned where
-- people see them. Every key begins with gateway_id, by which the tables can be distributed.

-- A gateway. role_name: the role that it logs in as; a name that says nothing. epoch: its newest
-- one; 0 for none. quota_day: how many records it may send a day; quota_burst: and at once, after
-- days of silence; quota_kept: how many may be kept here. records_left, records_at: what is left of
-- the burst, as of a time of the hub. records_kept: how many are kept, counted by each pruning.
-- sent_*: what its last batch said of itself: program, clock minus the hub's, records that wait on
-- the gateway and the time of the oldest of them.
CREATE TABLE fleet.gateways (
  gateway_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  role_name text NOT NULL UNIQUE,
  enrolled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  revoked_at timestamptz,
  quota_day bigint NOT NULL DEFAULT 1000000 CHECK (quota_day > 0),
  quota_burst bigint NOT NULL DEFAULT 5000000 CHECK (quota_burst >= 20000),
  quota_kept bigint NOT NULL DEFAULT 50000000 CHECK (quota_kept > 0),
  records_left double precision NOT NULL DEFAULT 5000000,
  records_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  records_kept bigint NOT NULL DEFAULT 0,
  epoch integer NOT NULL DEFAULT 0,
  last_contact timestamptz,
  last_batch timestamptz,
  sent_version text,
  sent_skew_seconds double precision,
  sent_waiting bigint,
  sent_waiting_since bigint
);

-- An epoch: the history of one database of a gateway up to its end. A database that was replaced,
-- or restored from a backup, begins a new one. database_id: the name of the database, which a copy
-- of it has too. batches: how many batches were taken. token: the secret word of the last one, by
-- which the gateway recognises it. marks: how far its tables were sent, for the gateway alone.
-- complete_at: when all that the database held at the beginning had arrived. visible: whether its
-- series count: once complete, until a complete epoch of the same database takes its place.
-- *_after: its first rows are shared with earlier epochs of the same database, which keep them: up
-- to this row_id; NULL: it shares none. *_until: the same border seen from the earlier epoch, whose
-- later rows count no more; NULL: all count. (Unmatched rows have no such order: those that an
-- epoch shares are found when it is complete, and those that it does not have are removed.)
-- unmatched_rows: how many it has got. five_minutes_from, hours_from: the gateway had no cells before to send.
CREATE TABLE fleet.epochs (
  gateway_id integer NOT NULL REFERENCES fleet.gateways,
  epoch integer NOT NULL,
  database_id text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  complete_at timestamptz,
  visible boolean NOT NULL DEFAULT false,
  stats_after bigint,
  metrics_after bigint,
  audit_after bigint,
  stats_until bigint,
  metrics_until bigint,
  audit_until bigint,
  unmatched_rows bigint NOT NULL DEFAULT 0,
  batches bigint NOT NULL DEFAULT 0,
  token text NOT NULL,
  marks jsonb NOT NULL DEFAULT '{}',
  five_minutes_from bigint NOT NULL,
  hours_from bigint NOT NULL,
  PRIMARY KEY (gateway_id, epoch)
);

-- Up to where the hub's own retention has removed cells and rows. One row.
CREATE TABLE fleet.retention (
  one integer PRIMARY KEY CHECK (one = 1),
  rows_from bigint NOT NULL DEFAULT -62135596800,
  five_minutes_from bigint NOT NULL DEFAULT -62135596800,
  hours_from bigint NOT NULL DEFAULT -62135596800,
  days_from bigint NOT NULL DEFAULT -62135596800,
  pruned_at timestamptz
);
INSERT INTO fleet.retention (one) VALUES (1);

-- patronus_series of each gateway: a policy that is rolled up; series 0 is what no policy matched.
CREATE TABLE fleet.series (
  gateway_id integer NOT NULL,
  epoch integer NOT NULL,
  series_id bigint NOT NULL,
  policy_id bigint,
  name text NOT NULL,
  newest bigint,
  disordered boolean NOT NULL,
  last_timestamp bigint,
  last_packets bigint,
  last_bytes bigint,
  hours_until bigint,
  days_until bigint,
  open_start bigint,
  open_packets bigint,
  open_bytes bigint,
  open_active_flows bigint,
  open_active_flows_highest bigint,
  open_last_second bigint,
  open_covered_seconds bigint,
  open_longest_seconds bigint,
  open_readings bigint,
  open_resets bigint,
  open_implausible bigint,
  PRIMARY KEY (gateway_id, epoch, series_id)
) WITH (fillfactor = 50);

-- The tiers: patronus_five_minutes, patronus_hours and patronus_days of each gateway.
CREATE TABLE fleet.five_minutes (
  gateway_id integer NOT NULL,
  epoch integer NOT NULL,
  series_id bigint NOT NULL,
  start bigint NOT NULL,
  packets bigint NOT NULL,
  bytes bigint NOT NULL,
  active_flows bigint NOT NULL,
  active_flows_highest bigint NOT NULL,
  last_second bigint NOT NULL,
  covered_seconds bigint NOT NULL,
  longest_seconds bigint NOT NULL,
  readings bigint NOT NULL,
  resets bigint NOT NULL,
  implausible bigint NOT NULL,
  PRIMARY KEY (gateway_id, epoch, series_id, start)
) PARTITION BY RANGE (start);
CREATE TABLE fleet.hours (LIKE fleet.five_minutes,
  PRIMARY KEY (gateway_id, epoch, series_id, start)) PARTITION BY RANGE (start);
CREATE TABLE fleet.days (LIKE fleet.five_minutes,
  PRIMARY KEY (gateway_id, epoch, series_id, start));

-- sdwan_policy_stats: cumulative counters of each minute. row_id: stat_id on the gateway, which
-- orders the rows of an epoch.
CREATE TABLE fleet.policy_stats (
  gateway_id integer NOT NULL,
  epoch integer NOT NULL,
  row_id bigint NOT NULL,
  policy_id bigint NOT NULL,
  "timestamp" bigint NOT NULL,
  packets_matched bigint NOT NULL,
  bytes_matched bigint NOT NULL,
  active_flows bigint NOT NULL,
  PRIMARY KEY (gateway_id, epoch, row_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
CREATE INDEX policy_stats_time ON fleet.policy_stats (gateway_id, "timestamp");

-- patronus_unmatched_stats: the same of what no policy matched. row_id: numbered by the hub in
-- order of arrival within the epoch.
CREATE TABLE fleet.unmatched_stats (
  gateway_id integer NOT NULL,
  epoch integer NOT NULL,
  row_id bigint NOT NULL,
  "timestamp" bigint NOT NULL,
  packets bigint NOT NULL,
  bytes bigint NOT NULL,
  active_flows bigint NOT NULL,
  PRIMARY KEY (gateway_id, epoch, "timestamp")
) PARTITION BY RANGE ("timestamp");

-- sdwan_path_metrics. row_id: metric_id on the gateway.
CREATE TABLE fleet.path_metrics (
  gateway_id integer NOT NULL,
  epoch integer NOT NULL,
  row_id bigint NOT NULL,
  path_id bigint NOT NULL,
  "timestamp" bigint NOT NULL,
  latency_ms double precision,
  jitter_ms double precision,
  packet_loss_pct double precision,
  bandwidth_mbps double precision,
  mtu bigint,
  score bigint,
  PRIMARY KEY (gateway_id, epoch, row_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
CREATE INDEX path_metrics_time ON fleet.path_metrics (gateway_id, path_id, "timestamp");

-- audit_logs. row_id: id on the gateway. "timestamp": its text there, RFC 3339; second: the same.
CREATE TABLE fleet.audit_logs (
  gateway_id integer NOT NULL,
  epoch integer NOT NULL,
  row_id bigint NOT NULL,
  second bigint NOT NULL,
  "timestamp" text NOT NULL,
  user_id text,
  user_email text,
  ip_address text,
  user_agent text,
  event_type text NOT NULL,
  event_data text NOT NULL,
  success boolean NOT NULL,
  severity text NOT NULL,
  PRIMARY KEY (gateway_id, epoch, row_id)
);
CREATE INDEX audit_logs_time ON fleet.audit_logs (gateway_id, second);

-- Sites, policies and paths as each gateway has them now. One that was deleted there stays as a
-- tombstone: deleted_at is when the gateway noticed it, NULL while it is there.
CREATE TABLE fleet.sites (
  gateway_id integer NOT NULL,
  site_id text NOT NULL,
  epoch integer NOT NULL,
  deleted_at bigint,
  site_name text NOT NULL,
  created_at bigint NOT NULL,
  last_seen bigint NOT NULL,
  status text NOT NULL,
  endpoints bigint NOT NULL,
  PRIMARY KEY (gateway_id, site_id)
) WITH (fillfactor = 50);
CREATE TABLE fleet.policies (
  gateway_id integer NOT NULL,
  policy_id bigint NOT NULL,
  epoch integer NOT NULL,
  deleted_at bigint,
  name text NOT NULL,
  priority bigint NOT NULL,
  match_rules text NOT NULL,
  path_preference text NOT NULL,
  enabled boolean NOT NULL,
  PRIMARY KEY (gateway_id, policy_id)
);
CREATE TABLE fleet.paths (
  gateway_id integer NOT NULL,
  path_id bigint NOT NULL,
  epoch integer NOT NULL,
  deleted_at bigint,
  src_site_id text NOT NULL,
  dst_site_id text NOT NULL,
  src_endpoint text NOT NULL,
  dst_endpoint text NOT NULL,
  wg_interface text,
  status text NOT NULL,
  PRIMARY KEY (gateway_id, path_id)
);

-- What happened to sites, policies, paths and epochs, in the order in which the hub took it. kind:
-- added, changed, deleted, restored, epoch. subject: site, policy, path or gateway. at: the time of
-- the gateway. seq: the number in the gateway's stream of changes; 0 for epochs.
CREATE TABLE fleet.events (
  gateway_id integer NOT NULL,
  event_id bigint GENERATED ALWAYS AS IDENTITY,
  epoch integer NOT NULL,
  seq bigint NOT NULL,
  at bigint NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  key text NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (gateway_id, event_id)
);

-- Rows of all times that have no partition of their own: a wrong clock, a hub that nobody prunes.
CREATE TABLE fleet.five_minutes_other PARTITION OF fleet.five_minutes DEFAULT;
CREATE TABLE fleet.hours_other PARTITION OF fleet.hours DEFAULT;
CREATE TABLE fleet.policy_stats_other PARTITION OF fleet.policy_stats DEFAULT;
CREATE TABLE fleet.unmatched_stats_other PARTITION OF fleet.unmatched_stats DEFAULT;
CREATE TABLE fleet.path_metrics_other PARTITION OF fleet.path_metrics DEFAULT;
