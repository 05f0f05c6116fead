-- Deleted sites that can come back; deleted_at and expires_at in epoch seconds.
CREATE TABLE IF NOT EXISTS patronus_deleted_sites (
  archive_id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id TEXT NOT NULL,
  site_name TEXT NOT NULL,
  deleted_at INTEGER NOT NULL,
  deleted_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  row_count INTEGER NOT NULL
);
-- Which tables an archive holds rows of. role: deleted, or before and after for a row that stayed
-- and was rewritten (then table_no of after is that of before + 1). column_types: a JSON object,
-- the columns in the order of their values, each with its declared type.
-- dangling: how often the rows already pointed at nothing by a foreign key when they were deleted.
CREATE TABLE IF NOT EXISTS patronus_deleted_tables (
  archive_id INTEGER NOT NULL,
  table_no INTEGER NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('deleted', 'before', 'after')),
  table_name TEXT NOT NULL,
  column_types TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  dangling INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (archive_id, table_no)
) WITHOUT ROWID;
-- The rows themselves, 16 values to a part, more parts for wider tables. The columns of values have
-- no type, so that SQLite keeps each value's storage class and every bit of it. row_key: the row's
-- rowid, or a running number where its table has none.
CREATE TABLE IF NOT EXISTS patronus_deleted_rows (
  archive_id INTEGER NOT NULL,
  table_no INTEGER NOT NULL,
  part INTEGER NOT NULL,
  row_key INTEGER NOT NULL,
  v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15,
  PRIMARY KEY (archive_id, table_no, part, row_key)
) WITHOUT ROWID;
