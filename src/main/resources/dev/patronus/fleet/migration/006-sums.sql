-- The sum of all policies of an epoch, and beside it what no policy matched, for each hour and each
-- day: what a history of many gateways is read from. Cells without a reading count for their
-- implausible ones only. covered_seconds and longest_seconds are those of the policy that has most.
-- Kept with the cells while an epoch counts, and made from them when it begins to.
CREATE VIEW fleet.summed_hours AS
  SELECT gateway_id, epoch, start,
    least(coalesce(sum(packets) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS packets,
    least(coalesce(sum(bytes) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS bytes,
    least(coalesce(sum(active_flows) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS active_flows,
    coalesce(max(covered_seconds) FILTER (WHERE series_id <> 0 AND readings > 0), 0)
      AS covered_seconds,
    coalesce(max(longest_seconds) FILTER (WHERE series_id <> 0 AND readings > 0), 0)
      AS longest_seconds,
    least(coalesce(sum(readings) FILTER (WHERE series_id <> 0), 0),
      9223372036854775807)::bigint AS readings,
    least(coalesce(sum(resets) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS resets,
    least(coalesce(sum(implausible) FILTER (WHERE series_id <> 0), 0),
      9223372036854775807)::bigint AS implausible,
    coalesce(max(packets) FILTER (WHERE series_id = 0 AND readings > 0), 0) AS unmatched_packets,
    coalesce(max(bytes) FILTER (WHERE series_id = 0 AND readings > 0), 0) AS unmatched_bytes,
    coalesce(max(active_flows) FILTER (WHERE series_id = 0 AND readings > 0), 0)
      AS unmatched_active_flows,
    coalesce(max(covered_seconds) FILTER (WHERE series_id = 0 AND readings > 0), 0)
      AS unmatched_covered_seconds,
    coalesce(max(longest_seconds) FILTER (WHERE series_id = 0 AND readings > 0), 0)
      AS unmatched_longest_seconds,
    coalesce(max(readings) FILTER (WHERE series_id = 0), 0) AS unmatched_readings,
    coalesce(max(resets) FILTER (WHERE series_id = 0 AND readings > 0), 0) AS unmatched_resets
  FROM fleet.hours GROUP BY gateway_id, epoch, start;
CREATE VIEW fleet.summed_days AS
  SELECT gateway_id, epoch, start,
    least(coalesce(sum(packets) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS packets,
    least(coalesce(sum(bytes) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS bytes,
    least(coalesce(sum(active_flows) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS active_flows,
    coalesce(max(covered_seconds) FILTER (WHERE series_id <> 0 AND readings > 0), 0)
      AS covered_seconds,
    coalesce(max(longest_seconds) FILTER (WHERE series_id <> 0 AND readings > 0), 0)
      AS longest_seconds,
    least(coalesce(sum(readings) FILTER (WHERE series_id <> 0), 0),
      9223372036854775807)::bigint AS readings,
    least(coalesce(sum(resets) FILTER (WHERE series_id <> 0 AND readings > 0), 0),
      9223372036854775807)::bigint AS resets,
    least(coalesce(sum(implausible) FILTER (WHERE series_id <> 0), 0),
      9223372036854775807)::bigint AS implausible,
    coalesce(max(packets) FILTER (WHERE series_id = 0 AND readings > 0), 0) AS unmatched_packets,
    coalesce(max(bytes) FILTER (WHERE series_id = 0 AND readings > 0), 0) AS unmatched_bytes,
    coalesce(max(active_flows) FILTER (WHERE series_id = 0 AND readings > 0), 0)
      AS unmatched_active_flows,
    coalesce(max(covered_seconds) FILTER (WHERE series_id = 0 AND readings > 0), 0)
      AS unmatched_covered_seconds,
    coalesce(max(longest_seconds) FILTER (WHERE series_id = 0 AND readings > 0), 0)
      AS unmatched_longest_seconds,
    coalesce(max(readings) FILTER (WHERE series_id = 0), 0) AS unmatched_readings,
    coalesce(max(resets) FILTER (WHERE series_id = 0 AND readings > 0), 0) AS unmatched_resets
  FROM fleet.days GROUP BY gateway_id, epoch, start;

CREATE TABLE fleet.hour_sums (
  gateway_id integer NOT NULL,
  epoch integer NOT NULL,
  start bigint NOT NULL,
  packets bigint NOT NULL,
  bytes bigint NOT NULL,
  active_flows bigint NOT NULL,
  covered_seconds bigint NOT NULL,
  longest_seconds bigint NOT NULL,
  readings bigint NOT NULL,
  resets bigint NOT NULL,
  implausible bigint NOT NULL,
  unmatched_packets bigint NOT NULL,
  unmatched_bytes bigint NOT NULL,
  unmatched_active_flows bigint NOT NULL,
  unmatched_covered_seconds bigint NOT NULL,
  unmatched_longest_seconds bigint NOT NULL,
  unmatched_readings bigint NOT NULL,
  unmatched_resets bigint NOT NULL,
  PRIMARY KEY (gateway_id, epoch, start)
) PARTITION BY RANGE (start);
CREATE TABLE fleet.day_sums (LIKE fleet.hour_sums, PRIMARY KEY (gateway_id, epoch, start));
CREATE TABLE fleet.hour_sums_other PARTITION OF fleet.hour_sums DEFAULT;

-- Cells come in order of time, so that a few pages hold those of all gateways in a range.
CREATE INDEX five_minutes_time ON fleet.five_minutes USING brin (start) WITH (autosummarize = on);
CREATE INDEX hours_time ON fleet.hours USING brin (start) WITH (autosummarize = on);
CREATE INDEX days_time ON fleet.days USING brin (start) WITH (autosummarize = on);
CREATE INDEX hour_sums_time ON fleet.hour_sums USING brin (start) WITH (autosummarize = on);
CREATE INDEX day_sums_time ON fleet.day_sums USING brin (start) WITH (autosummarize = on);

CREATE OR REPLACE FUNCTION fleet.add_partitions(parent text, first date, months integer)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  key text := CASE WHEN parent IN ('five_minutes', 'hours', 'hour_sums') THEN 'start'
    ELSE 'timestamp' END;
  part text;
  month timestamp;
  low bigint;
  high bigint;
  made integer := 0;
BEGIN
  FOR i IN 0 .. months - 1 LOOP
    month := date_trunc('month', first::timestamp) + make_interval(months => i);
    part := parent || to_char(month, '_YYYY_MM');
    CONTINUE WHEN to_regclass(format('fleet.%I', part)) IS NOT NULL;
    low := extract(epoch FROM month AT TIME ZONE 'UTC');
    high := extract(epoch FROM (month + interval '1 month') AT TIME ZONE 'UTC');
    EXECUTE format('CREATE TABLE fleet.%I (LIKE fleet.%I INCLUDING ALL)', part, parent);
    EXECUTE format('WITH moved AS (DELETE FROM fleet.%I WHERE %I >= %s AND %I < %s RETURNING *)'
      ' INSERT INTO fleet.%I SELECT * FROM moved',
      parent || '_other', key, low, key, high, part);
    EXECUTE format('ALTER TABLE fleet.%I ATTACH PARTITION fleet.%I FOR VALUES FROM (%s) TO (%s)',
      parent, part, low, high);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

-- Sums the hours of an epoch up again from the first to the last second that are given.
CREATE FUNCTION fleet.sum_hours(g integer, e integer, first bigint, last bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO fleet.hour_sums AS t
    SELECT * FROM fleet.summed_hours
    WHERE gateway_id = g AND epoch = e AND start >= first AND start <= last
    ON CONFLICT (gateway_id, epoch, start) DO UPDATE SET
      packets = excluded.packets, bytes = excluded.bytes, active_flows = excluded.active_flows,
      covered_seconds = excluded.covered_seconds, longest_seconds = excluded.longest_seconds,
      readings = excluded.readings, resets = excluded.resets, implausible = excluded.implausible,
      unmatched_packets = excluded.unmatched_packets,
      unmatched_bytes = excluded.unmatched_bytes,
      unmatched_active_flows = excluded.unmatched_active_flows,
      unmatched_covered_seconds = excluded.unmatched_covered_seconds,
      unmatched_longest_seconds = excluded.unmatched_longest_seconds,
      unmatched_readings = excluded.unmatched_readings,
      unmatched_resets = excluded.unmatched_resets
    WHERE t IS DISTINCT FROM excluded;
END
$$;
REVOKE ALL ON FUNCTION fleet.sum_hours(integer, integer, bigint, bigint) FROM PUBLIC;
CREATE FUNCTION fleet.sum_days(g integer, e integer, first bigint, last bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO fleet.day_sums AS t
    SELECT * FROM fleet.summed_days
    WHERE gateway_id = g AND epoch = e AND start >= first AND start <= last
    ON CONFLICT (gateway_id, epoch, start) DO UPDATE SET
      packets = excluded.packets, bytes = excluded.bytes, active_flows = excluded.active_flows,
      covered_seconds = excluded.covered_seconds, longest_seconds = excluded.longest_seconds,
      readings = excluded.readings, resets = excluded.resets, implausible = excluded.implausible,
      unmatched_packets = excluded.unmatched_packets,
      unmatched_bytes = excluded.unmatched_bytes,
      unmatched_active_flows = excluded.unmatched_active_flows,
      unmatched_covered_seconds = excluded.unmatched_covered_seconds,
      unmatched_longest_seconds = excluded.unmatched_longest_seconds,
      unmatched_readings = excluded.unmatched_readings,
      unmatched_resets = excluded.unmatched_resets
    WHERE t IS DISTINCT FROM excluded;
END
$$;
REVOKE ALL ON FUNCTION fleet.sum_days(integer, integer, bigint, bigint) FROM PUBLIC;

-- Puts cells, and what they change of the sums. An epoch that is not complete has no sums.
ALTER FUNCTION fleet.take_cells(integer, integer, jsonb) RENAME TO put_cells;
CREATE FUNCTION fleet.take_cells(g integer, e integer, call jsonb) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kept bigint := fleet.put_cells(g, e, call);
  first bigint;
  last bigint;
  gone bigint[];
BEGIN
  IF NOT (call ? 'hours' OR call ? 'days') OR (SELECT p.complete_at IS NULL FROM fleet.epochs p
      WHERE p.gateway_id = g AND p.epoch = e) THEN
    RETURN kept;
  END IF;
  IF call ? 'hours' THEN
    SELECT min((r->>1)::bigint), max((r->>1)::bigint),
        array_agg((r->>1)::bigint) FILTER (WHERE jsonb_array_length(r) = 2)
      INTO first, last, gone FROM jsonb_array_elements(call->'hours') r;
    PERFORM fleet.sum_hours(g, e, first, last);
    IF gone IS NOT NULL THEN
      DELETE FROM fleet.hour_sums s
        WHERE s.gateway_id = g AND s.epoch = e AND s.start = ANY (gone)
          AND s.start NOT IN (SELECT h.start FROM fleet.hours h
            WHERE h.gateway_id = g AND h.epoch = e AND h.start >= first AND h.start <= last);
    END IF;
  END IF;
  IF call ? 'days' THEN
    SELECT min((r->>1)::bigint), max((r->>1)::bigint),
        array_agg((r->>1)::bigint) FILTER (WHERE jsonb_array_length(r) = 2)
      INTO first, last, gone FROM jsonb_array_elements(call->'days') r;
    PERFORM fleet.sum_days(g, e, first, last);
    IF gone IS NOT NULL THEN
      DELETE FROM fleet.day_sums s
        WHERE s.gateway_id = g AND s.epoch = e AND s.start = ANY (gone)
          AND s.start NOT IN (SELECT h.start FROM fleet.days h
            WHERE h.gateway_id = g AND h.epoch = e AND h.start >= first AND h.start <= last);
    END IF;
  END IF;
  RETURN kept;
END
$$;
REVOKE ALL ON FUNCTION fleet.take_cells(integer, integer, jsonb) FROM PUBLIC;

-- Lets an epoch count, and sums up what it has; what those have that it takes the place of goes.
ALTER FUNCTION fleet.complete_epoch(integer, integer, bigint) RENAME TO finish_epoch;
CREATE FUNCTION fleet.complete_epoch(g integer, e integer, now bigint) RETURNS fleet.epochs
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  done fleet.epochs := fleet.finish_epoch(g, e, now);
BEGIN
  DELETE FROM fleet.hour_sums s USING fleet.epochs p
    WHERE p.gateway_id = g AND NOT p.visible AND s.gateway_id = g AND s.epoch = p.epoch;
  DELETE FROM fleet.day_sums s USING fleet.epochs p
    WHERE p.gateway_id = g AND NOT p.visible AND s.gateway_id = g AND s.epoch = p.epoch;
  PERFORM fleet.sum_hours(g, e, -9223372036854775808, 9223372036854775807);
  PERFORM fleet.sum_days(g, e, -9223372036854775808, 9223372036854775807);
  RETURN done;
END
$$;
REVOKE ALL ON FUNCTION fleet.complete_epoch(integer, integer, bigint) FROM PUBLIC;

INSERT INTO fleet.hour_sums
  SELECT s.* FROM fleet.summed_hours s JOIN fleet.epochs e USING (gateway_id, epoch)
  WHERE e.visible;
INSERT INTO fleet.day_sums
  SELECT s.* FROM fleet.summed_days s JOIN fleet.epochs e USING (gateway_id, epoch)
  WHERE e.visible;
