import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What commands cost on databases of four sizes, and a packet with four numbers of flows; drawn as
/// `growth.svg`.
final class GrowthGroup extends BenchGroup {
  private static final int RUNS = 6;

  GrowthGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    if (lacks("sqlite3", "sqlite3")) {
      return;
    }
    List<GrowthPlot.Curve> curves = new ArrayList<>();
    curves.add(
        commands(
            "policies",
            "`stats` of a snapshot",
            new int[] {100, 1_000, 5_000, 20_000},
            n ->
                PROGRAM
                    + " --db "
                    + database("policies" + n + ".db", n, n)
                    + " stats > /dev/null"));
    curves.add(
        commands(
            "rows",
            "export as CSV",
            new int[] {250_000, 500_000, 1_000_000, 2_000_000},
            n -> export(n, "")));
    curves.add(
        commands(
            "rows",
            "export of deltas",
            new int[] {250_000, 500_000, 1_000_000, 2_000_000},
            n -> export(n, " --values delta")));
    curves.add(
        commands(
            "paths",
            "`path list`",
            new int[] {110, 1_056, 10_100, 100_172},
            n -> PROGRAM + " --db " + mesh(n) + " path list -o csv > /dev/null"));
    curves.add(packets());
    Files.writeString(WORK.resolve("growth.svg"), new GrowthPlot(curves).svg());
  }

  /// A command on a database of some size.
  @FunctionalInterface
  private interface Sized {
    String command(int size) throws Exception;
  }

  private GrowthPlot.Curve commands(String of, String what, int[] sizes, Sized sized)
      throws Exception {
    String[] commands = new String[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      commands[i] = sized.command(sizes[i]);
    }
    return curve(of, what, sizes, hyperfine(RUNS, true, commands));
  }

  private GrowthPlot.Curve curve(String of, String what, int[] sizes, List<Value> costs) {
    for (int i = 0; i < sizes.length; i++) {
      results.add(
          new Row(
              "growth",
              what + ", " + String.format(java.util.Locale.ROOT, "%,d ", sizes[i]) + of,
              costs.get(i),
              "",
              null,
              Double.NaN,
              false));
    }
    double[] medians = costs.stream().mapToDouble(Value::median).toArray();
    return new GrowthPlot.Curve(what, of, costs.getFirst().unit(), sizes, medians);
  }

  private String export(int rows, String more) throws Exception {
    Path db = data.resolve("rows" + rows + ".db");
    if (!Files.exists(db)) {
      db = database("rows" + rows + ".db", POLICIES, rows);
    }
    return PROGRAM + " --db " + db + " export stats --force --file " + data.resolve("g.csv") + more;
  }

  /// A mesh of sites with a path each way between any two.
  private Path mesh(int paths) throws Exception {
    int sites =
        IntStream.range(2, 1_000).filter(n -> n * (n - 1) >= paths).findFirst().orElseThrow();
    Path db = database("mesh" + paths + ".db", 10, 10);
    sqlite(
        db,
        """
        PRAGMA foreign_keys = OFF;
        BEGIN;
        WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < $SITES)
        INSERT INTO sdwan_sites (site_id, site_name, public_key, created_at, last_seen, status)
        SELECT printf('00000000-0000-4000-8000-%012d', n), 'site' || n, zeroblob(32), 0, 0, 'active'
        FROM s;
        INSERT INTO sdwan_paths (src_site_id, dst_site_id, src_endpoint, dst_endpoint, wg_interface,
          status)
        SELECT a.site_id, b.site_id, 'a', 'b', 'wg', 'up' FROM sdwan_sites a, sdwan_sites b
        WHERE a.site_id <> b.site_id;
        COMMIT;
        """
            .replace("$SITES", "" + sites));
    return db;
  }

  private GrowthPlot.Curve packets() throws Exception {
    int[] sizes = {1_000, 10_000, 100_000, 1_000_000};
    Map<String, Value> costs = new LinkedHashMap<>();
    for (int size : sizes) {
      costs.putAll(
          Jmh.run(
              "TrafficAccountingBenchmark.accounting", "policies=" + POLICIES, "flows=" + size));
    }
    List<Value> values =
        IntStream.of(sizes).mapToObj(size -> costs.get("accounting" + size)).toList();
    return curve("flows", "a packet", sizes, values);
  }
}
