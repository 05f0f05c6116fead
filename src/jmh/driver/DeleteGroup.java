import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Deletions beside the bare statements.
final class DeleteGroup extends BenchGroup {
  DeleteGroup(Path data, Results results) {
    super(data, results);
  }

  /// Whole processes: what the program and `sqlite3` take to start is part of both.
  @Override
  void measure() throws Exception {
    if (lacks("sqlite3", "sqlite3")) {
      return;
    }
    Path db = database("delete.db", 10, 10);
    sqlite(
        db,
        """
        PRAGMA foreign_keys = OFF;
        BEGIN;
        WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 101)
        INSERT INTO sdwan_sites (site_id, site_name, public_key, created_at, last_seen, status)
        SELECT printf('00000000-0000-4000-8000-%012d', n), 'site' || n, zeroblob(32), 0, 0, 'active'
        FROM s;
        INSERT INTO sdwan_paths (src_site_id, dst_site_id, src_endpoint, dst_endpoint, wg_interface,
          status)
        SELECT a.site_id, b.site_id, 'a', 'b', 'wg', 'up' FROM sdwan_sites a, sdwan_sites b
        WHERE (a.site_name = 'site1') <> (b.site_name = 'site1');
        WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 200)
        INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms, packet_loss_pct,
          bandwidth_mbps, mtu, score)
        SELECT path_id, n, 1, 1, 0, 100, 1420, 50 FROM t, sdwan_paths;
        COMMIT;
        """);
    Path copy = data.resolve("deleted.db");
    Path bare = data.resolve("bare.sql");
    Files.writeString(
        bare,
        """
        PRAGMA foreign_keys = ON;
        BEGIN;
        CREATE TEMP TABLE gone AS SELECT path_id FROM sdwan_paths WHERE src_site_id =
          '00000000-0000-4000-8000-000000000001' OR dst_site_id =
          '00000000-0000-4000-8000-000000000001';
        DELETE FROM sdwan_path_metrics WHERE path_id IN (SELECT path_id FROM gone);
        DELETE FROM sdwan_paths WHERE path_id IN (SELECT path_id FROM gone);
        DELETE FROM sdwan_sites WHERE site_name = 'site1';
        COMMIT;
        """);
    List<Value> times =
        hyperfine(
            10,
            true,
            List.of("--prepare", "rm -f " + copy + "* && cp " + db + " " + copy),
            "sqlite3 " + copy + " < " + bare,
            PROGRAM + " --db " + copy + " site delete site1 --yes");
    add(
        "delete",
        "200 paths and 40,000 metrics, with archive, whole process",
        times.get(1),
        "bare DELETEs by `sqlite3`",
        times.get(0),
        Double.NaN);
    Map<String, Value> inProcess =
        Jmh.run("DeletionBenchmark", List.of("-wi", "30", "-i", "20"), "ms");
    add(
        "delete",
        "200 paths and 40,000 metrics, with archive, in process",
        inProcess.get("delete"),
        "bare DELETEs in one transaction, in process",
        inProcess.get("bare"),
        2.2);
    add(
        "delete",
        "the same",
        inProcess.get("delete"),
        "bare copies to the archive and DELETEs in one transaction, in process",
        inProcess.get("bareWithCopies"),
        Double.NaN);
  }
}
