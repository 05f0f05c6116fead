-- What the archives of patronus_deleted_sites are of, where that is not a site: policy. site_id and
-- site_name are then the id, unsigned, and the name of that.
CREATE TABLE IF NOT EXISTS patronus_deleted_kinds (
  archive_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL
);
