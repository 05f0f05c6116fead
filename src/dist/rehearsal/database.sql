-- The database that the rehearsed commands work on: small, with all kinds of rows.
INSERT INTO sdwan_sites VALUES
  ('11111111-1111-4111-8111-111111111111', 'berlin', x'01', 1793491200, 1793491200, 'active'),
  ('22222222-2222-4222-8222-222222222222', 'lisbon', x'02', 1793491200, 1793491200, 'active'),
  ('33333333-3333-4333-8333-333333333333', 'oslo', x'03', 1793491200, 1793491200, 'degraded');
INSERT INTO sdwan_endpoints (site_id, address, interface_type, cost_per_gb, reachable)
  SELECT site_id, '198.51.100.' || rowid || ':51820', 'internet', 0.5, 1 FROM sdwan_sites;
INSERT INTO sdwan_paths (src_site_id, dst_site_id, src_endpoint, dst_endpoint, wg_interface, status)
  SELECT a.site_id, b.site_id, a.address, b.address, 'wg0', 'up'
  FROM sdwan_endpoints a, sdwan_endpoints b WHERE a.site_id <> b.site_id;
INSERT INTO sdwan_path_metrics
    (path_id, timestamp, latency_ms, jitter_ms, packet_loss_pct, bandwidth_mbps, mtu, score)
  SELECT path_id, 1793491200 + 60 * value, 20 + path_id, 1.5, 0.1, 100, 1420, 90
  FROM sdwan_paths, json_each('[0,1,2,3,4,5,6,7,8,9]');
INSERT INTO sdwan_path_health
    (path_id, timestamp, latency_ms, packet_loss_pct, jitter_ms, health_score, status)
  SELECT path_id, 1793491200, 20, 0.1, 1.5, 95, 'up' FROM sdwan_paths;
INSERT INTO sdwan_policies VALUES
  (1, 'voice', 100, '{"protocol":17,"application_class":"VoIP"}', '"LowestLatency"', 1),
  (2, 'office', 50, '{"src_ip":"10.0.0.0/8","dst_port_range":[80,443]}',
    '{"Custom":{"latency_weight":0.3,"jitter_weight":0.2,"loss_weight":0.2,"bandwidth_weight":0.2,"cost_weight":0.1}}', 1),
  (-3, 'backup', 10, '{"application_class":"Backup"}', '"LowestCost"', 0),
  (4, 'wrong', 5, '{"src_ip":"10.0.0.0/40"}', '"LowestCost"', 1);
INSERT INTO sdwan_policy_stats (policy_id, timestamp, packets_matched, bytes_matched, active_flows)
  SELECT policy_id, 1793491200 + 60 * value, 1000 * value, 1000000 * value, value
  FROM sdwan_policies, json_each('[0,1,2,3,4,5,6,7,8,9]');
INSERT INTO sdwan_system_metrics
    (timestamp, throughput_mbps, packets_per_second, active_flows, avg_latency_ms, avg_packet_loss,
     cpu_usage, memory_usage)
  SELECT 1793491200 + 60 * value, 100, 10000, 50, 20, 0.1, 0.3, 0.4 FROM json_each('[0,1,2,3,4,5,6,7,8,9]');
INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id, backup_path_ids)
  VALUES (1, 'first', '1', '["2","3"]');
INSERT INTO sdwan_failover_events (policy_id, event_type, from_path_id, to_path_id, reason, timestamp)
  VALUES (1, 'triggered', '1', '2', 'loss', 1793491200);
INSERT INTO audit_logs (timestamp, user_id, event_type, event_data, success, severity)
  VALUES ('2026-11-01T00:00:00Z', 'root', 'cache_clear', '"cache_clear"', 1, 'info');
