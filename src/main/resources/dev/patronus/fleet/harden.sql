-- Takes from PUBLIC what a gateway could fill the server or hold it up with besides its one function:
-- large objects, advisory locks, notifications, anonymous code. Only a superuser can; it is of this
-- database alone.
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN
    SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND (p.proname ~ '^lo_' OR p.proname IN ('loread', 'lowrite', 'pg_notify')
        OR p.proname ~ '^pg_(try_)?advisory_' OR p.proname ~ '^pg_logical_emit_message')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
  REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
  REVOKE USAGE ON LANGUAGE sql FROM PUBLIC;
END
$$;
