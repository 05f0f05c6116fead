-- From which second on patronus_days is kept. One row; none while days are kept for ever.
-- days_from: days before are removed, or being removed.
CREATE TABLE IF NOT EXISTS patronus_days_kept (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  days_from INTEGER NOT NULL
);
