-- What a gateway keeps on the hub counts whatever it is: also series, events (one for each site, policy
-- and path that is new or has changed) and epochs, and each 256 bytes of a text as a record.

-- For how many records the rows of a member count that have texts, beyond one each.
CREATE FUNCTION fleet.texts(rows jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(sum(pg_column_size(r) / 256), 0)::bigint
  FROM jsonb_array_elements(coalesce(rows, '[]')) r
$$;
REVOKE ALL ON FUNCTION fleet.texts(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION fleet.publish(call jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  g fleet.gateways;
  e fleet.epochs;
  now timestamptz := clock_timestamp();
  op text := call->>'op';
  size integer := pg_column_size(call);
  records bigint;
  cost double precision;
  available double precision;
  kept bigint := 0;
  event bigint;
  answer jsonb := '{}';
BEGIN
  SELECT * INTO g FROM fleet.gateways WHERE role_name = session_user FOR UPDATE;
  IF NOT FOUND OR g.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'this role is no gateway of the fleet' USING ERRCODE = '42501';
  END IF;
  IF call->>'gateway' IS DISTINCT FROM g.name THEN
    RAISE EXCEPTION 'this role is that of another gateway' USING ERRCODE = '42501';
  END IF;
  IF size > 4194304 THEN
    RAISE EXCEPTION 'a call may have 4 MiB, this one has % bytes', size USING ERRCODE = '54000';
  END IF;
  SELECT * INTO e FROM fleet.epochs WHERE gateway_id = g.gateway_id AND epoch = g.epoch;
  available := least(g.quota_burst, g.records_left
    + g.quota_day * greatest(0, extract(epoch FROM now - g.records_at)) / 86400);

  IF op = 'mark' THEN
    UPDATE fleet.gateways SET last_contact = now WHERE gateway_id = g.gateway_id;

  ELSIF op = 'match' THEN
    answer := jsonb_build_object(
      'stats', (SELECT max(s.row_id)
        FROM jsonb_array_elements(coalesce(call->'stats', '[]')) r
          JOIN fleet.policy_stats s ON s.gateway_id = g.gateway_id
            AND s.row_id = (r->>0)::bigint AND s.policy_id = (r->>1)::bigint
            AND s."timestamp" = (r->>2)::bigint AND s.packets_matched = (r->>3)::bigint
            AND s.bytes_matched = (r->>4)::bigint AND s.active_flows = (r->>5)::bigint
          JOIN fleet.epochs p ON p.gateway_id = g.gateway_id AND p.epoch = s.epoch
            AND p.database_id = call->>'database' AND p.complete_at IS NOT NULL
            AND s.row_id <= coalesce(p.stats_until, 9223372036854775807)),
      'metrics', (SELECT max(s.row_id)
        FROM jsonb_array_elements(coalesce(call->'path_metrics', '[]')) r
          JOIN fleet.path_metrics s ON s.gateway_id = g.gateway_id
            AND s.row_id = (r->>0)::bigint AND s.path_id = (r->>1)::bigint
            AND s."timestamp" = (r->>2)::bigint
            AND s.latency_ms IS NOT DISTINCT FROM (r->>3)::double precision
          JOIN fleet.epochs p ON p.gateway_id = g.gateway_id AND p.epoch = s.epoch
            AND p.database_id = call->>'database' AND p.complete_at IS NOT NULL
            AND s.row_id <= coalesce(p.metrics_until, 9223372036854775807)),
      'audit', (SELECT max(s.row_id)
        FROM jsonb_array_elements(coalesce(call->'audit_logs', '[]')) r
          JOIN fleet.audit_logs s ON s.gateway_id = g.gateway_id
            AND s.row_id = (r->>0)::bigint AND s."timestamp" = r->>2
            AND s.event_type = r->>7 AND s.event_data = r->>8
          JOIN fleet.epochs p ON p.gateway_id = g.gateway_id AND p.epoch = s.epoch
            AND p.database_id = call->>'database' AND p.complete_at IS NOT NULL
            AND s.row_id <= coalesce(p.audit_until, 9223372036854775807)));

  ELSIF op = 'begin' THEN
    -- Asked for again after an answer that was lost, it is the epoch that there is.
    cost := greatest(1000, size / 256);
    IF g.epoch = (call->>'after')::integer AND g.records_kept + size / 256 >= g.quota_kept THEN
      answer := jsonb_build_object('refused', 'full', 'retry_seconds', 3600);
    ELSIF g.epoch = (call->>'after')::integer AND cost > available THEN
      answer := jsonb_build_object('refused', 'quota',
        'retry_seconds', ceil((cost - available) * 86400 / g.quota_day));
    ELSIF g.epoch = (call->>'after')::integer THEN
      INSERT INTO fleet.epochs (gateway_id, epoch, database_id, token, marks, stats_after,
          metrics_after, audit_after, five_minutes_from, hours_from)
        VALUES (g.gateway_id, g.epoch + 1, call->>'database', call->>'token',
          coalesce(call->'marks', '{}'),
          (call->>'stats_after')::bigint,
          (call->>'metrics_after')::bigint, (call->>'audit_after')::bigint,
          (call->>'five_minutes_from')::bigint, (call->>'hours_from')::bigint)
        RETURNING * INTO e;
      UPDATE fleet.gateways SET epoch = e.epoch, last_contact = now,
          records_left = available - cost, records_at = now,
          records_kept = g.records_kept + 1 + size / 256
        WHERE gateway_id = g.gateway_id;
      INSERT INTO fleet.events (gateway_id, epoch, seq, at, kind, subject, key, name)
        VALUES (g.gateway_id, e.epoch, 0, (call->>'at')::bigint, 'epoch', 'gateway',
          e.epoch::text, g.name);
    END IF;

  ELSIF op = 'batch' THEN
    IF e.epoch = (call->>'epoch')::integer AND e.batches + 1 = (call->>'batch')::bigint THEN
      SELECT coalesce(sum(jsonb_array_length(value)), 0) INTO records
        FROM jsonb_each(call) WHERE jsonb_typeof(value) = 'array';
      cost := greatest(records, size / 256);
      IF g.records_kept + cost > g.quota_kept THEN
        answer := jsonb_build_object('refused', 'full', 'retry_seconds', 3600);
      ELSIF cost > available THEN
        answer := jsonb_build_object('refused', 'quota',
          'retry_seconds', ceil((cost - available) * 86400 / g.quota_day));
      END IF;
      IF answer <> '{}' THEN
        UPDATE fleet.gateways SET last_contact = now, sent_version = left(call->>'version', 64),
            sent_waiting = (call->>'waiting')::bigint,
            sent_waiting_since = (call->>'waiting_since')::bigint
          WHERE gateway_id = g.gateway_id;
      ELSE
        SELECT coalesce(max(event_id), 0) INTO event
          FROM fleet.events WHERE gateway_id = g.gateway_id;
        SELECT count(*) INTO kept FROM jsonb_array_elements(coalesce(call->'series', '[]')) r
          WHERE NOT EXISTS (SELECT FROM fleet.series s WHERE s.gateway_id = g.gateway_id
            AND s.epoch = e.epoch AND s.series_id = (r->>0)::bigint);
        kept := kept + fleet.take_cells(g.gateway_id, e.epoch, call)
          + fleet.take_rows(g.gateway_id, e.epoch, e.unmatched_rows, call);
        PERFORM fleet.take_objects(g.gateway_id, e.epoch, call);
        kept := kept + fleet.texts(call->'audit_logs') + fleet.texts(call->'sites')
          + fleet.texts(call->'policies') + fleet.texts(call->'paths')
          + fleet.texts(call->'series')
          + (SELECT count(*) + coalesce(sum(octet_length(key || name) / 256), 0)
            FROM fleet.events WHERE gateway_id = g.gateway_id AND event_id > event);
        UPDATE fleet.epochs SET batches = e.batches + 1, token = call->>'token',
            marks = coalesce(call->'marks', '{}'),
            unmatched_rows = e.unmatched_rows
              + jsonb_array_length(coalesce(call->'unmatched', '[]'))
          WHERE gateway_id = g.gateway_id AND epoch = e.epoch RETURNING * INTO e;
        IF e.complete_at IS NULL AND (call->>'complete')::boolean THEN
          e := fleet.complete_epoch(g.gateway_id, e.epoch, (call->>'sent')::bigint / 1000);
        END IF;
        UPDATE fleet.gateways SET last_contact = now, last_batch = now,
            records_left = available - cost, records_at = now,
            records_kept = g.records_kept + kept,
            sent_version = left(call->>'version', 64),
            sent_skew_seconds = (call->>'sent')::double precision / 1000 - extract(epoch FROM now),
            sent_waiting = (call->>'waiting')::bigint,
            sent_waiting_since = (call->>'waiting_since')::bigint
          WHERE gateway_id = g.gateway_id;
        answer := '{"taken": true}';
      END IF;
    END IF;

  ELSE
    RAISE EXCEPTION 'a call must be mark, match, begin or batch' USING ERRCODE = '22023';
  END IF;

  RETURN answer || jsonb_build_object('epoch', coalesce(e.epoch, 0), 'database', e.database_id,
    'batch', e.batches, 'token', e.token, 'marks', e.marks,
    'complete', e.complete_at IS NOT NULL, 'call_max', 1048576);
END
$$;
