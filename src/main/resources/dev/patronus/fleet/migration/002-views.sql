-- What counts: the series of visible epochs, and their cells and rows. Readers use these.
CREATE VIEW fleet.visible_series AS
  SELECT g.name AS gateway, s.*,
    greatest(e.five_minutes_from, r.five_minutes_from) AS five_minutes_from,
    greatest(e.hours_from, r.hours_from) AS hours_from
  FROM fleet.series s
    JOIN fleet.epochs e ON e.gateway_id = s.gateway_id AND e.epoch = s.epoch AND e.visible
    JOIN fleet.gateways g ON g.gateway_id = s.gateway_id
    CROSS JOIN fleet.retention r;

-- Rows of all epochs, each row once: those of an earlier epoch up to where the next one parted.
CREATE VIEW fleet.visible_policy_stats AS
  SELECT g.name AS gateway, s.*
  FROM fleet.policy_stats s
    JOIN fleet.epochs e ON e.gateway_id = s.gateway_id AND e.epoch = s.epoch
      AND e.complete_at IS NOT NULL
      AND s.row_id <= coalesce(e.stats_until, 9223372036854775807)
    JOIN fleet.gateways g ON g.gateway_id = s.gateway_id;
CREATE VIEW fleet.visible_unmatched_stats AS
  SELECT g.name AS gateway, s.*
  FROM fleet.unmatched_stats s
    JOIN fleet.epochs e ON e.gateway_id = s.gateway_id AND e.epoch = s.epoch
      AND e.complete_at IS NOT NULL
    JOIN fleet.gateways g ON g.gateway_id = s.gateway_id;
CREATE VIEW fleet.visible_path_metrics AS
  SELECT g.name AS gateway, s.*
  FROM fleet.path_metrics s
    JOIN fleet.epochs e ON e.gateway_id = s.gateway_id AND e.epoch = s.epoch
      AND e.complete_at IS NOT NULL
      AND s.row_id <= coalesce(e.metrics_until, 9223372036854775807)
    JOIN fleet.gateways g ON g.gateway_id = s.gateway_id;
CREATE VIEW fleet.visible_audit_logs AS
  SELECT g.name AS gateway, s.*
  FROM fleet.audit_logs s
    JOIN fleet.epochs e ON e.gateway_id = s.gateway_id AND e.epoch = s.epoch
      AND e.complete_at IS NOT NULL
      AND s.row_id <= coalesce(e.audit_until, 9223372036854775807)
    JOIN fleet.gateways g ON g.gateway_id = s.gateway_id;
