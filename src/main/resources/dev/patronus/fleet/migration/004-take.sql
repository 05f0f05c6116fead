-- Puts series and cells in the place of those that there are; a cell of two members is removed. A
-- closed cell of five minutes takes the place of the open one; the next follows with its series.
-- Returns how many cells were put.
CREATE FUNCTION fleet.take_cells(g integer, e integer, call jsonb) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kept bigint := 0;
  touched bigint;
BEGIN
  IF call ? 'five_minutes' THEN
    INSERT INTO fleet.five_minutes AS t
      SELECT g, e, (r->>0)::bigint, (r->>1)::bigint, (r->>2)::bigint, (r->>3)::bigint,
        (r->>4)::bigint, (r->>5)::bigint, (r->>6)::bigint, (r->>7)::bigint, (r->>8)::bigint,
        (r->>9)::bigint, (r->>10)::bigint, (r->>11)::bigint
      FROM jsonb_array_elements(call->'five_minutes') r WHERE jsonb_array_length(r) > 2
      ON CONFLICT (gateway_id, epoch, series_id, start) DO UPDATE SET
        packets = excluded.packets, bytes = excluded.bytes,
        active_flows = excluded.active_flows,
        active_flows_highest = excluded.active_flows_highest,
        last_second = excluded.last_second, covered_seconds = excluded.covered_seconds,
        longest_seconds = excluded.longest_seconds, readings = excluded.readings,
        resets = excluded.resets, implausible = excluded.implausible;
    GET DIAGNOSTICS touched = ROW_COUNT;
    kept := kept + touched;
    DELETE FROM fleet.five_minutes t USING jsonb_array_elements(call->'five_minutes') r
      WHERE jsonb_array_length(r) = 2 AND t.gateway_id = g AND t.epoch = e
        AND t.series_id = (r->>0)::bigint AND t.start = (r->>1)::bigint;
  END IF;
  IF call ? 'five_minutes' THEN
    UPDATE fleet.series s SET open_start = NULL FROM jsonb_array_elements(call->'five_minutes') r
      WHERE s.gateway_id = g AND s.epoch = e AND s.series_id = (r->>0)::bigint
        AND s.open_start = (r->>1)::bigint;
  END IF;
  IF call ? 'hours' THEN
    INSERT INTO fleet.hours AS t
      SELECT g, e, (r->>0)::bigint, (r->>1)::bigint, (r->>2)::bigint, (r->>3)::bigint,
        (r->>4)::bigint, (r->>5)::bigint, (r->>6)::bigint, (r->>7)::bigint, (r->>8)::bigint,
        (r->>9)::bigint, (r->>10)::bigint, (r->>11)::bigint
      FROM jsonb_array_elements(call->'hours') r WHERE jsonb_array_length(r) > 2
      ON CONFLICT (gateway_id, epoch, series_id, start) DO UPDATE SET
        packets = excluded.packets, bytes = excluded.bytes,
        active_flows = excluded.active_flows,
        active_flows_highest = excluded.active_flows_highest,
        last_second = excluded.last_second, covered_seconds = excluded.covered_seconds,
        longest_seconds = excluded.longest_seconds, readings = excluded.readings,
        resets = excluded.resets, implausible = excluded.implausible;
    GET DIAGNOSTICS touched = ROW_COUNT;
    kept := kept + touched;
    DELETE FROM fleet.hours t USING jsonb_array_elements(call->'hours') r
      WHERE jsonb_array_length(r) = 2 AND t.gateway_id = g AND t.epoch = e
        AND t.series_id = (r->>0)::bigint AND t.start = (r->>1)::bigint;
  END IF;
  IF call ? 'days' THEN
    INSERT INTO fleet.days AS t
      SELECT g, e, (r->>0)::bigint, (r->>1)::bigint, (r->>2)::bigint, (r->>3)::bigint,
        (r->>4)::bigint, (r->>5)::bigint, (r->>6)::bigint, (r->>7)::bigint, (r->>8)::bigint,
        (r->>9)::bigint, (r->>10)::bigint, (r->>11)::bigint
      FROM jsonb_array_elements(call->'days') r WHERE jsonb_array_length(r) > 2
      ON CONFLICT (gateway_id, epoch, series_id, start) DO UPDATE SET
        packets = excluded.packets, bytes = excluded.bytes,
        active_flows = excluded.active_flows,
        active_flows_highest = excluded.active_flows_highest,
        last_second = excluded.last_second, covered_seconds = excluded.covered_seconds,
        longest_seconds = excluded.longest_seconds, readings = excluded.readings,
        resets = excluded.resets, implausible = excluded.implausible;
    GET DIAGNOSTICS touched = ROW_COUNT;
    kept := kept + touched;
    DELETE FROM fleet.days t USING jsonb_array_elements(call->'days') r
      WHERE jsonb_array_length(r) = 2 AND t.gateway_id = g AND t.epoch = e
        AND t.series_id = (r->>0)::bigint AND t.start = (r->>1)::bigint;
  END IF;
  INSERT INTO fleet.series
    SELECT g, e, (r->>0)::bigint, (r->>1)::bigint, r->>2, (r->>3)::bigint,
      (r->>4)::integer <> 0, (r->>5)::bigint, (r->>6)::bigint, (r->>7)::bigint,
      (r->>8)::bigint, (r->>9)::bigint, (r->>10)::bigint, (r->>11)::bigint, (r->>12)::bigint,
      (r->>13)::bigint, (r->>14)::bigint, (r->>15)::bigint, (r->>16)::bigint,
      (r->>17)::bigint, (r->>18)::bigint, (r->>19)::bigint, (r->>20)::bigint
    FROM jsonb_array_elements(coalesce(call->'series', '[]')) r
    ON CONFLICT (gateway_id, epoch, series_id) DO UPDATE SET
      policy_id = excluded.policy_id, name = excluded.name, newest = excluded.newest,
      disordered = excluded.disordered, last_timestamp = excluded.last_timestamp,
      last_packets = excluded.last_packets, last_bytes = excluded.last_bytes,
      hours_until = excluded.hours_until, days_until = excluded.days_until,
      open_start = excluded.open_start, open_packets = excluded.open_packets,
      open_bytes = excluded.open_bytes, open_active_flows = excluded.open_active_flows,
      open_active_flows_highest = excluded.open_active_flows_highest,
      open_last_second = excluded.open_last_second,
      open_covered_seconds = excluded.open_covered_seconds,
      open_longest_seconds = excluded.open_longest_seconds,
      open_readings = excluded.open_readings, open_resets = excluded.open_resets,
      open_implausible = excluded.open_implausible;
  RETURN kept;
END
$$;
REVOKE ALL ON FUNCTION fleet.take_cells(integer, integer, jsonb) FROM PUBLIC;

-- Adds rows of statistics, path metrics and the audit log; rows of statistics that a capture has
-- changed take the place of those that there are. Returns how many were added.
CREATE FUNCTION fleet.take_rows(g integer, e integer, unmatched_before bigint, call jsonb)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kept bigint := 0;
  touched bigint;
BEGIN
  INSERT INTO fleet.policy_stats
    SELECT g, e, (r->>0)::bigint, (r->>1)::bigint, (r->>2)::bigint, (r->>3)::bigint,
      (r->>4)::bigint, (r->>5)::bigint
    FROM jsonb_array_elements(coalesce(call->'policy_stats', '[]')) r;
  GET DIAGNOSTICS touched = ROW_COUNT;
  kept := kept + touched;
  IF call ? 'policy_stats_changed' THEN
    UPDATE fleet.policy_stats s
      SET packets_matched = (r->>3)::bigint, bytes_matched = (r->>4)::bigint,
        active_flows = (r->>5)::bigint
      FROM jsonb_array_elements(call->'policy_stats_changed') r
      WHERE s.gateway_id = g AND s.row_id = (r->>0)::bigint AND s.policy_id = (r->>1)::bigint
        AND s."timestamp" = (r->>2)::bigint
        AND s.epoch IN (SELECT p.epoch FROM fleet.epochs p
          WHERE p.gateway_id = g AND p.database_id =
            (SELECT n.database_id FROM fleet.epochs n WHERE n.gateway_id = g AND n.epoch = e));
  END IF;
  WITH sent AS MATERIALIZED (
    SELECT n, (r->>0)::bigint AS at, (r->>1)::bigint AS packets, (r->>2)::bigint AS bytes,
      (r->>3)::bigint AS flows
    FROM jsonb_array_elements(coalesce(call->'unmatched', '[]')) WITH ORDINALITY AS a (r, n)),
  earlier AS (
    -- One that an earlier epoch of this database shares stays where it is.
    UPDATE fleet.unmatched_stats s
      SET packets = sent.packets, bytes = sent.bytes, active_flows = sent.flows
      FROM sent, fleet.epochs n, fleet.epochs p
      WHERE n.gateway_id = g AND n.epoch = e AND n.complete_at IS NOT NULL
        AND p.gateway_id = g AND p.epoch < e AND p.database_id = n.database_id
        AND p.complete_at IS NOT NULL
        AND s.gateway_id = g AND s.epoch = p.epoch AND s."timestamp" = sent.at
      RETURNING s."timestamp")
  INSERT INTO fleet.unmatched_stats
    SELECT g, e, unmatched_before + n, at, packets, bytes, flows FROM sent
    WHERE at NOT IN (SELECT "timestamp" FROM earlier)
    ON CONFLICT (gateway_id, epoch, "timestamp") DO UPDATE SET
      packets = excluded.packets, bytes = excluded.bytes, active_flows = excluded.active_flows;
  GET DIAGNOSTICS touched = ROW_COUNT;
  kept := kept + touched;
  INSERT INTO fleet.path_metrics
    SELECT g, e, (r->>0)::bigint, (r->>1)::bigint, (r->>2)::bigint, (r->>3)::double precision,
      (r->>4)::double precision, (r->>5)::double precision, (r->>6)::double precision,
      (r->>7)::bigint, (r->>8)::bigint
    FROM jsonb_array_elements(coalesce(call->'path_metrics', '[]')) r;
  GET DIAGNOSTICS touched = ROW_COUNT;
  kept := kept + touched;
  INSERT INTO fleet.audit_logs
    SELECT g, e, (r->>0)::bigint, (r->>1)::bigint, r->>2, r->>3, r->>4, r->>5, r->>6, r->>7,
      r->>8, (r->>9)::integer <> 0, r->>10
    FROM jsonb_array_elements(coalesce(call->'audit_logs', '[]')) r;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN kept + touched;
END
$$;
REVOKE ALL ON FUNCTION fleet.take_rows(integer, integer, bigint, jsonb) FROM PUBLIC;

-- Puts sites, policies and paths in the place of those that there are; one of three members was
-- deleted on the gateway and becomes a tombstone. What changed is an event.
CREATE FUNCTION fleet.take_objects(g integer, e integer, call jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF call ? 'sites' THEN
    WITH sent AS MATERIALIZED (
      SELECT (r->>0)::bigint AS seq, (r->>1)::bigint AS at, r->>2 AS site_id,
        jsonb_array_length(r) > 3 AS there,
        r->>3 AS site_name, (r->>4)::bigint AS created_at,
        (r->>5)::bigint AS last_seen, r->>6 AS status, (r->>7)::bigint AS endpoints
      FROM jsonb_array_elements(call->'sites') r),
    put AS (
      INSERT INTO fleet.sites (gateway_id, site_id, epoch, site_name, created_at, last_seen,
        status, endpoints)
        SELECT g, site_id, e, site_name, created_at, last_seen, status, endpoints
        FROM sent WHERE there
        ON CONFLICT (gateway_id, site_id) DO UPDATE SET epoch = e, deleted_at = NULL,
          site_name = excluded.site_name,
          created_at = excluded.created_at,
          last_seen = excluded.last_seen,
          status = excluded.status,
          endpoints = excluded.endpoints),
    gone AS (
      UPDATE fleet.sites o SET epoch = e, deleted_at = sent.at
        FROM sent WHERE NOT sent.there AND o.gateway_id = g AND o.site_id = sent.site_id
          AND o.deleted_at IS NULL)
    INSERT INTO fleet.events (gateway_id, epoch, seq, at, kind, subject, key, name)
      SELECT g, e, sent.seq, sent.at,
        CASE WHEN NOT sent.there THEN 'deleted' WHEN o.gateway_id IS NULL THEN 'added'
          WHEN o.deleted_at IS NOT NULL THEN 'restored' ELSE 'changed' END,
        'site', sent.site_id::text, coalesce(sent.site_name, o.site_name, '')
      FROM sent LEFT JOIN fleet.sites o ON o.gateway_id = g AND o.site_id = sent.site_id
      WHERE CASE WHEN sent.there
        THEN o.gateway_id IS NULL OR o.deleted_at IS NOT NULL
          OR (o.site_name, o.status, o.endpoints)
            IS DISTINCT FROM (sent.site_name, sent.status, sent.endpoints)
        ELSE o.gateway_id IS NOT NULL AND o.deleted_at IS NULL END
      ORDER BY sent.seq;
  END IF;
  IF call ? 'policies' THEN
    WITH sent AS MATERIALIZED (
      SELECT (r->>0)::bigint AS seq, (r->>1)::bigint AS at, (r->>2)::bigint AS policy_id,
        jsonb_array_length(r) > 3 AS there,
        r->>3 AS name, (r->>4)::bigint AS priority,
        r->>5 AS match_rules, r->>6 AS path_preference, (r->>7)::integer <> 0 AS enabled
      FROM jsonb_array_elements(call->'policies') r),
    put AS (
      INSERT INTO fleet.policies (gateway_id, policy_id, epoch, name, priority, match_rules,
        path_preference, enabled)
        SELECT g, policy_id, e, name, priority, match_rules, path_preference, enabled
        FROM sent WHERE there
        ON CONFLICT (gateway_id, policy_id) DO UPDATE SET epoch = e, deleted_at = NULL,
          name = excluded.name,
          priority = excluded.priority,
          match_rules = excluded.match_rules,
          path_preference = excluded.path_preference,
          enabled = excluded.enabled),
    gone AS (
      UPDATE fleet.policies o SET epoch = e, deleted_at = sent.at
        FROM sent WHERE NOT sent.there AND o.gateway_id = g AND o.policy_id = sent.policy_id
          AND o.deleted_at IS NULL)
    INSERT INTO fleet.events (gateway_id, epoch, seq, at, kind, subject, key, name)
      SELECT g, e, sent.seq, sent.at,
        CASE WHEN NOT sent.there THEN 'deleted' WHEN o.gateway_id IS NULL THEN 'added'
          WHEN o.deleted_at IS NOT NULL THEN 'restored' ELSE 'changed' END,
        'policy', sent.policy_id::text, coalesce(sent.name, o.name, '')
      FROM sent LEFT JOIN fleet.policies o ON o.gateway_id = g AND o.policy_id = sent.policy_id
      WHERE CASE WHEN sent.there
        THEN o.gateway_id IS NULL OR o.deleted_at IS NOT NULL
          OR (o.name, o.priority, o.match_rules, o.path_preference, o.enabled)
            IS DISTINCT FROM (sent.name, sent.priority, sent.match_rules, sent.path_preference,
              sent.enabled)
        ELSE o.gateway_id IS NOT NULL AND o.deleted_at IS NULL END
      ORDER BY sent.seq;
  END IF;
  IF call ? 'paths' THEN
    WITH sent AS MATERIALIZED (
      SELECT (r->>0)::bigint AS seq, (r->>1)::bigint AS at, (r->>2)::bigint AS path_id,
        jsonb_array_length(r) > 3 AS there,
        r->>3 AS src_site_id, r->>4 AS dst_site_id,
        r->>5 AS src_endpoint, r->>6 AS dst_endpoint, r->>7 AS wg_interface, r->>8 AS status
      FROM jsonb_array_elements(call->'paths') r),
    put AS (
      INSERT INTO fleet.paths (gateway_id, path_id, epoch, src_site_id, dst_site_id,
        src_endpoint, dst_endpoint, wg_interface, status)
        SELECT g, path_id, e, src_site_id, dst_site_id, src_endpoint, dst_endpoint,
          wg_interface, status
        FROM sent WHERE there
        ON CONFLICT (gateway_id, path_id) DO UPDATE SET epoch = e, deleted_at = NULL,
          src_site_id = excluded.src_site_id,
          dst_site_id = excluded.dst_site_id,
          src_endpoint = excluded.src_endpoint,
          dst_endpoint = excluded.dst_endpoint,
          wg_interface = excluded.wg_interface,
          status = excluded.status),
    gone AS (
      UPDATE fleet.paths o SET epoch = e, deleted_at = sent.at
        FROM sent WHERE NOT sent.there AND o.gateway_id = g AND o.path_id = sent.path_id
          AND o.deleted_at IS NULL)
    INSERT INTO fleet.events (gateway_id, epoch, seq, at, kind, subject, key, name)
      SELECT g, e, sent.seq, sent.at,
        CASE WHEN NOT sent.there THEN 'deleted' WHEN o.gateway_id IS NULL THEN 'added'
          WHEN o.deleted_at IS NOT NULL THEN 'restored' ELSE 'changed' END,
        'path', sent.path_id::text, coalesce(sent.src_endpoint || ' ' || sent.dst_endpoint,
          o.src_endpoint || ' ' || o.dst_endpoint, '')
      FROM sent LEFT JOIN fleet.paths o ON o.gateway_id = g AND o.path_id = sent.path_id
      WHERE CASE WHEN sent.there
        THEN o.gateway_id IS NULL OR o.deleted_at IS NOT NULL
          OR (o.src_site_id, o.dst_site_id, o.src_endpoint, o.dst_endpoint, o.wg_interface,
            o.status)
            IS DISTINCT FROM (sent.src_site_id, sent.dst_site_id, sent.src_endpoint,
              sent.dst_endpoint, sent.wg_interface, sent.status)
        ELSE o.gateway_id IS NOT NULL AND o.deleted_at IS NULL END
      ORDER BY sent.seq;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION fleet.take_objects(integer, integer, jsonb) FROM PUBLIC;

-- Lets an epoch count, in place of earlier ones of the same database. What earlier ones had of
-- sites, policies and paths and this one did not send is gone.
CREATE FUNCTION fleet.complete_epoch(g integer, e integer, now bigint) RETURNS fleet.epochs
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  done fleet.epochs;
  lowest bigint := -9223372036854775808;
BEGIN
  UPDATE fleet.epochs SET complete_at = clock_timestamp(), visible = true
    WHERE gateway_id = g AND epoch = e RETURNING * INTO done;
  UPDATE fleet.epochs SET visible = false,
      stats_until = least(stats_until, coalesce(done.stats_after, lowest)),
      metrics_until = least(metrics_until, coalesce(done.metrics_after, lowest)),
      audit_until = least(audit_until, coalesce(done.audit_after, lowest))
    WHERE gateway_id = g AND epoch < e AND database_id = done.database_id
      AND complete_at IS NOT NULL;
  WITH earlier AS (
    SELECT epoch FROM fleet.epochs
      WHERE gateway_id = g AND epoch < e AND database_id = done.database_id
        AND complete_at IS NOT NULL),
  kept AS (
    SELECT s.epoch, s."timestamp" FROM fleet.unmatched_stats s
      JOIN fleet.unmatched_stats n ON n.gateway_id = g AND n.epoch = e
        AND n."timestamp" = s."timestamp" AND n.packets = s.packets AND n.bytes = s.bytes
        AND n.active_flows = s.active_flows
      WHERE s.gateway_id = g AND s.epoch IN (SELECT epoch FROM earlier)),
  lost AS (
    DELETE FROM fleet.unmatched_stats s
      WHERE s.gateway_id = g AND s.epoch IN (SELECT epoch FROM earlier)
        AND (s.epoch, s."timestamp") NOT IN (SELECT epoch, "timestamp" FROM kept))
  DELETE FROM fleet.unmatched_stats s
    WHERE s.gateway_id = g AND s.epoch = e AND s."timestamp" IN (SELECT "timestamp" FROM kept);
  WITH gone AS (
    UPDATE fleet.sites SET deleted_at = now
      WHERE gateway_id = g AND epoch < e AND deleted_at IS NULL RETURNING *)
  INSERT INTO fleet.events (gateway_id, epoch, seq, at, kind, subject, key, name)
    SELECT g, e, 0, now, 'deleted', 'site', site_id::text, site_name FROM gone ORDER BY site_id;
  WITH gone AS (
    UPDATE fleet.policies SET deleted_at = now
      WHERE gateway_id = g AND epoch < e AND deleted_at IS NULL RETURNING *)
  INSERT INTO fleet.events (gateway_id, epoch, seq, at, kind, subject, key, name)
    SELECT g, e, 0, now, 'deleted', 'policy', policy_id::text, name FROM gone ORDER BY policy_id;
  WITH gone AS (
    UPDATE fleet.paths SET deleted_at = now
      WHERE gateway_id = g AND epoch < e AND deleted_at IS NULL RETURNING *)
  INSERT INTO fleet.events (gateway_id, epoch, seq, at, kind, subject, key, name)
    SELECT g, e, 0, now, 'deleted', 'path', path_id::text,
      src_endpoint || ' ' || dst_endpoint FROM gone ORDER BY path_id;
  RETURN done;
END
$$;
REVOKE ALL ON FUNCTION fleet.complete_epoch(integer, integer, bigint) FROM PUBLIC;
