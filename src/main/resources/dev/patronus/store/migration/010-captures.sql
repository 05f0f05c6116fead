-- Captures that were counted into the history of their own time, so that none is counted twice.
-- records, digest: how many packets of IP the file had, and a digest over them; a file that begins
-- with the same is the same, or has grown. first_millis, last_millis: the time, in epoch
-- milliseconds, of the part that was counted; packets, bytes: its volume.
CREATE TABLE IF NOT EXISTS patronus_captures (
  capture_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  counted_at INTEGER NOT NULL,
  records INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  first_millis INTEGER NOT NULL,
  last_millis INTEGER NOT NULL,
  packets INTEGER NOT NULL,
  bytes INTEGER NOT NULL
);
