import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Exports of millions of rows, and their memory.
final class ExportGroup extends BenchGroup {
  private static final int EXPORT_ROWS = Integer.getInteger("bench.rows", 5_000_000);
  private static final String COLUMNS =
      "stat_id,policy_id,timestamp,packets_matched,bytes_matched,active_flows";

  ExportGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    if (lacks("sqlite3", "sqlite3")) {
      return;
    }
    Path db = database("export.db", POLICIES, EXPORT_ROWS);
    String select = " " + db + " 'SELECT " + COLUMNS + " FROM sdwan_policy_stats' > ";
    String ours = PROGRAM + " --db " + db + " export stats --force --file ";
    String csv = "sqlite3 -csv" + select + data.resolve("peer.csv");
    String json = "sqlite3 -json" + select + data.resolve("peer.json");
    List<Value> times =
        hyperfine(
            4,
            true,
            csv,
            json,
            ours + data.resolve("o.csv"),
            ours + data.resolve("o.ndjson"),
            ours + data.resolve("o.json"),
            ours + data.resolve("d.csv") + " --values delta");
    add("export", "5 M rows as CSV", times.get(2), "`sqlite3 -csv`", times.get(0), 0.45);
    add("export", "5 M rows as NDJSON", times.get(3), "`sqlite3 -csv`", times.get(0), 0.45);
    add("export", "5 M rows as JSON", times.get(4), "`sqlite3 -json`", times.get(1), 0.35);
    add("export", "5 M rows with `--values delta`", times.get(5), "our CSV", times.get(2), 1.3);
    List<Value> zipped =
        hyperfine(
            2,
            true,
            "sqlite3 -csv "
                + db
                + " 'SELECT "
                + COLUMNS
                + " FROM sdwan_policy_stats' | gzip > "
                + data.resolve("peer.csv.gz"),
            ours + data.resolve("o.csv.gz"));
    add(
        "export",
        "5 M rows as CSV.gz",
        zipped.get(1),
        "`sqlite3 -csv` and gzip",
        zipped.get(0),
        0.5);
    if (!lacks("/usr/bin/time", "time")) {
      memory("5 M rows as CSV", ours + data.resolve("o.csv"));
      memory("5 M rows as NDJSON", ours + data.resolve("o.ndjson"));
      memory("5 M rows with `--values delta`", ours + data.resolve("d.csv") + " --values delta");
    }
  }

  private void memory(String what, String command) throws Exception {
    Path out = data.resolve("rss");
    shell("/usr/bin/time -o " + out + " -f %M " + command);
    double megabytes = Double.parseDouble(Files.readString(out).strip()) / 1024;
    results.add(
        new Row(
            "export", "resident memory, " + what, Value.one(megabytes, "MB"), "", null, 80, false));
  }
}
