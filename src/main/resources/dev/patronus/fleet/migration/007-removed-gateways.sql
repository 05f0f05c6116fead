-- A gateway that was removed with all that it had sent, and its last epoch: one of the same name that
-- is enrolled later begins after it, so that who has read up to an epoch misses nothing.
CREATE TABLE fleet.removed_gateways (
  name text PRIMARY KEY,
  epoch integer NOT NULL,
  removed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
