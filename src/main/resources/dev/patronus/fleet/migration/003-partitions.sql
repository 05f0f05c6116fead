-- Makes the monthly partitions of a table that are missing, from the month of a day on; rows of those
-- months that lie in the partition for all other times are moved. Returns how many were made.
CREATE FUNCTION fleet.add_partitions(parent text, first date, months integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  key text := CASE WHEN parent IN ('five_minutes', 'hours') THEN 'start' ELSE 'timestamp' END;
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
REVOKE ALL ON FUNCTION fleet.add_partitions(text, date, integer) FROM PUBLIC;
