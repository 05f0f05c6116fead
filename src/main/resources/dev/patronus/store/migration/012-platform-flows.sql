-- Which rows of sdwan_flows are ours: the largest flows of the daemon, where platform-flows is set.
-- round: not used any more. A row whose flow is not
-- there was deleted by somebody else, and may come back with a restored site or policy.
CREATE TABLE IF NOT EXISTS patronus_platform_flows (
  flow_id INTEGER PRIMARY KEY,
  round INTEGER NOT NULL
);
