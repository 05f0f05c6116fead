package dev.patronus.store;

import dev.patronus.testing.PlatformDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;

/// Fills a database with a random mesh of sites, and with tables that no version of this program
/// knows, which hang on it by keys of every kind.
public final class RandomMesh {
  /// Values of every storage class, and texts that are none.
  private static final List<String> VALUES =
      List.of(
          "NULL",
          "0",
          "-9223372036854775808",
          "9007199254740993",
          "1.0",
          "-0.0",
          "0.1",
          "9e999",
          "-9e999",
          "4.9e-324",
          "''",
          "'12'",
          "'Straße 東京'",
          "CAST(x'610062' AS TEXT)",
          "CAST(x'fffe80' AS TEXT)",
          "x''",
          "x'00ff'",
          "x'3132'");

  private static final int WIDE = 37;

  private final PlatformDatabase database;
  private final Random random;
  private final boolean newest;
  private final List<String> sites = new ArrayList<>();
  private final List<Long> paths = new ArrayList<>();
  private final List<Long> endpoints = new ArrayList<>();

  public RandomMesh(PlatformDatabase database, Random random) throws SQLException {
    this.database = database;
    this.random = random;
    this.newest =
        database.number("SELECT count(*) FROM sqlite_master WHERE name='sdwan_flows'") > 0;
  }

  public List<String> sites() {
    return sites;
  }

  public void fill() throws SQLException {
    fillPlatform();
    database.inOneTransaction(() -> {
      strangersWithKeysToSites();
      strangersInCircles();
      strangersThatForget();
      strangersWithOddKeys();
      wideStranger();
    });
    if (upTo(2) == 0) {
      orphans();
    }
  }

  /// Fills the platform's own tables alone.
  public void fillPlatform() throws SQLException {
    database.inOneTransaction(() -> {
      fillSites();
      fillPaths();
      if (newest) {
        fillHealthAndFlows();
        fillFailovers();
      }
    });
  }

  /// What somebody left who deleted by hand, with foreign keys off.
  private void orphans() throws SQLException {
    database.run("PRAGMA foreign_keys = OFF");
    database.path(1000, any(sites), "ghost").path(1001, "ghost", any(sites));
    database.metric(1000, 1, 2).metric(2000, 1, 2);
    database.run("INSERT INTO left_one VALUES (50, 1000, 999)");
    database.run("PRAGMA foreign_keys = ON");
  }

  private int upTo(int most) {
    return random.nextInt(most + 1);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private Object anyOrNull(List<?> list) {
    return list.isEmpty() || upTo(3) == 0 ? null : any(list);
  }

  private void fillSites() throws SQLException {
    int count = 2 + upTo(4);
    for (int i = 0; i < count; i++) {
      String id = "%08x-0000-4000-8000-%012x".formatted(random.nextInt(), i);
      sites.add(id);
      database.site(id, "site " + i);
      for (int e = upTo(3); e > 0; e--) {
        database.endpoint(id, "192.0.2." + random.nextInt(256) + ":51820");
        endpoints.add(database.number("SELECT max(endpoint_id) FROM sdwan_endpoints"));
      }
    }
  }

  private void fillPaths() throws SQLException {
    int count = upTo(sites.size() * 4);
    for (int i = 0; i < count; i++) {
      long id = 1 + paths.size() * 3L + upTo(2);
      database.run(
          "INSERT INTO sdwan_paths VALUES (?, ?, ?, ?, ?, ?, 'up')",
          id,
          any(sites),
          any(sites),
          "from " + i,
          "to " + i,
          upTo(1) == 0 ? null : "wg" + i);
      paths.add(id);
      for (int m = upTo(5); m > 0; m--) {
        database.metric(id, random.nextInt(), random.nextDouble() * 100);
      }
    }
  }

  private void fillHealthAndFlows() throws SQLException {
    for (long path : paths) {
      for (int h = upTo(3); h > 0; h--) {
        database.run(
            "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
                + " jitter_ms, health_score, status) VALUES (?, ?, 1, 2, 3, 4, 'up')",
            Long.toString(path),
            random.nextInt());
      }
      for (int f = upTo(3); f > 0; f--) {
        database.run(
            "INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,"
                + " started_at, last_seen_at) VALUES (?, '::1', ?, 2, 6, ?, 1, 2)",
            "10.0.0." + upTo(255),
            random.nextInt(),
            path);
      }
    }
  }

  private void fillFailovers() throws SQLException {
    for (int i = upTo(6); i > 0 && !paths.isEmpty(); i--) {
      StringJoiner backups = new StringJoiner(any(List.of(",", ", ")), "[", "]");
      List<Long> shuffled = new ArrayList<>(paths);
      java.util.Collections.shuffle(shuffled, random);
      boolean text = upTo(1) == 0;
      shuffled.stream().limit(upTo(4)).forEach(p -> backups.add(text ? "\"" + p + "\"" : "" + p));
      database.run(
          "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id, backup_path_ids)"
              + " VALUES (?, ?, ?, ?)",
          random.nextInt(),
          "failover " + i,
          Long.toString(any(paths)),
          upTo(9) == 0 ? "none" : backups.toString());
      for (int e = upTo(3); e > 0; e--) {
        database.run(
            "INSERT INTO sdwan_failover_events (policy_id, event_type, from_path_id, reason,"
                + " timestamp) SELECT policy_id, 'failed', ?, 'test', ? FROM"
                + " sdwan_failover_policies ORDER BY random() LIMIT 1",
            Long.toString(any(paths)),
            random.nextInt());
      }
    }
  }

  /// Names of every shape, no rowid, a key that cascades, a column that is called rowid.
  private void strangersWithKeysToSites() throws SQLException {
    database.run(
        "CREATE TABLE \"odd \"\"name; -- 'table'\" (\"a b\" TEXT, \"c\"\"d\" INTEGER, [select] BLOB,"
            + " PRIMARY KEY (\"c\"\"d\", \"a b\"),"
            + " FOREIGN KEY (\"a b\") REFERENCES SDWAN_SITES ON DELETE CASCADE) WITHOUT ROWID");
    database.run(
        "CREATE TABLE under_odd (x TEXT, y INTEGER, rowid TEXT,"
            + " FOREIGN KEY (y, x) REFERENCES \"odd \"\"name; -- 'table'\")");
    for (int i = upTo(8); i > 0; i--) {
      String site = any(sites);
      database.run("INSERT INTO \"odd \"\"name; -- 'table'\" VALUES (?, ?, x'01')", site, i);
      if (upTo(1) == 0) {
        database.run("INSERT INTO under_odd VALUES (?, ?, ?)", site, i, "r" + i);
        database.run("INSERT INTO under_odd VALUES (?, NULL, ?)", site, "n" + i);
      }
    }
  }

  /// A tree in one table whose key holds fast, and two tables that point at one another.
  private void strangersInCircles() throws SQLException {
    database.run(
        "CREATE TABLE tree (id INTEGER PRIMARY KEY, site TEXT REFERENCES sdwan_sites(site_id),"
            + " up INTEGER REFERENCES tree(id) ON DELETE RESTRICT, label)");
    List<Integer> nodes = new ArrayList<>();
    for (int i = 1; i <= upTo(12); i++) {
      database.run(
          "INSERT INTO tree VALUES (?, ?, ?, ?)", i, anyOrNull(sites), anyOrNull(nodes), "n" + i);
      nodes.add(i);
    }
    database.run(
        "CREATE TABLE left_one (l INTEGER PRIMARY KEY AUTOINCREMENT, path INTEGER REFERENCES"
            + " sdwan_paths(path_id), r INTEGER REFERENCES right_one(r) DEFERRABLE)");
    database.run(
        "CREATE TABLE right_one (r INTEGER PRIMARY KEY, l INTEGER REFERENCES left_one(l))");
    for (int i = 1; i <= upTo(6); i++) {
      database.run("INSERT INTO left_one (l, path) VALUES (?, ?)", i, anyOrNull(paths));
      database.run("INSERT INTO right_one VALUES (?, ?)", 100 + i, upTo(1) == 0 ? i : null);
    }
    for (int i = upTo(6); i > 0; i--) {
      database.run(
          "UPDATE left_one SET r = (SELECT r FROM right_one ORDER BY random() LIMIT 1)"
              + " WHERE l = ?",
          i);
    }
  }

  /// Rows that stay and forget what they pointed at.
  private void strangersThatForget() throws SQLException {
    database.run(
        "CREATE TABLE notes (site TEXT REFERENCES sdwan_sites ON DELETE SET NULL, path INTEGER"
            + " REFERENCES sdwan_paths(path_id) ON DELETE SET NULL, text TEXT NOT NULL)");
    database.run(
        "CREATE TABLE duties (id TEXT PRIMARY KEY, endpoint INTEGER DEFAULT NULL REFERENCES"
            + " sdwan_endpoints(endpoint_id) ON DELETE SET DEFAULT, path INTEGER NOT NULL"
            + " REFERENCES sdwan_paths(path_id) ON DELETE SET NULL) WITHOUT ROWID");
    for (int i = upTo(10); i > 0; i--) {
      database.run(
          "INSERT INTO notes VALUES (?, ?, ?)", anyOrNull(sites), anyOrNull(paths), "note " + i);
      if (!paths.isEmpty()) {
        database.run(
            "INSERT INTO duties VALUES (?, ?, ?)", "d" + i, anyOrNull(endpoints), any(paths));
      }
    }
  }

  /// Keys onto columns that are no primary key, of other types, and compared in other ways.
  private void strangersWithOddKeys() throws SQLException {
    database.run(
        "CREATE TABLE tunnels (a TEXT, b TEXT, c TEXT, d TEXT, tag TEXT COLLATE NOCASE UNIQUE,"
            + " twice INTEGER GENERATED ALWAYS AS (length(a)) STORED, FOREIGN KEY (a, b, c, d)"
            + " REFERENCES sdwan_paths(src_site_id, dst_site_id, src_endpoint, dst_endpoint))");
    database.run(
        "CREATE TABLE tagged (tag TEXT REFERENCES tunnels(tag), path TEXT REFERENCES"
            + " sdwan_paths(path_id))");
    for (int i = upTo(8); i > 0; i--) {
      database.run(
          "INSERT INTO tunnels SELECT src_site_id, dst_site_id, src_endpoint, dst_endpoint, ?"
              + " FROM sdwan_paths ORDER BY path_id LIMIT 1 OFFSET ?",
          "Tag" + i,
          upTo(8));
      database.run(
          "INSERT INTO tagged SELECT upper(tag), ? FROM tunnels WHERE tag = ?",
          paths.isEmpty() ? null : Long.toString(any(paths)),
          "tag" + i);
    }
  }

  /// More columns than one part of the archive holds, with values of every kind.
  private void wideStranger() throws SQLException {
    StringJoiner columns = new StringJoiner(", ");
    for (int i = 0; i < WIDE; i++) {
      columns.add("c" + i + " " + any(List.of("", "TEXT", "INTEGER", "REAL", "BLOB", "NUMERIC")));
    }
    database.run(
        "CREATE TABLE wide ("
            + columns
            + ", site TEXT NOT NULL REFERENCES sdwan_sites(site_id) ON DELETE RESTRICT)");
    for (int row = upTo(6); row > 0; row--) {
      StringJoiner values = new StringJoiner(", ");
      for (int i = 0; i < WIDE; i++) {
        values.add(any(VALUES));
      }
      database.run("INSERT INTO wide VALUES (" + values + ", ?)", any(sites));
    }
  }
}
