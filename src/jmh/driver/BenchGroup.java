import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// A group of measurements, and what several groups need: databases, commands timed in turns.
abstract class BenchGroup extends Programs {
  /// How often a command is run before it is the next one's turn.
  private static final int RUNS_IN_TURN = 2;

  static final int POLICIES = 1_000;

  final Path data;
  final Results results;

  /// @param data a folder for databases and files, in memory where there is such
  BenchGroup(Path data, Results results) {
    this.data = data;
    this.results = results;
  }

  /// Measures, and adds rows to the results.
  abstract void measure() throws Exception;

  List<String> emptyMain() throws Exception {
    Path source = data.resolve("Empty.java");
    Files.writeString(source, "class Empty { public static void main(String[] args) {} }\n");
    run(List.of(JAVA.resolveSibling("javac").toString(), "-d", data.toString(), source.toString()));
    return List.of(JAVA + " -cp " + data + " Empty");
  }

  Path demo(String name) throws Exception {
    Path folder = data.resolve(name);
    run(List.of(PROGRAM.toString(), "demo", "--keep", folder.toString()));
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".db")).findFirst().orElseThrow();
    }
  }

  /// A database with policies that each match a port, and rows of counters five minutes apart.
  Path database(String name, int policies, int statRows) throws Exception {
    Path db = data.resolve(name);
    run(List.of(PROGRAM.toString(), "--db", db.toString(), "db", "init"));
    long newest = Instant.now().getEpochSecond() / 300 * 300;
    sqlite(
        db,
        """
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        BEGIN;
        WITH RECURSIVE p(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM p WHERE n < $POLICIES)
        INSERT INTO sdwan_policies SELECT n, 'policy' || n, n,
          '{"dst_port_range":[' || n || ',' || n || ']}', '"LowestLatency"', 1 FROM p;
        WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < $STEPS)
        INSERT INTO sdwan_policy_stats
          (policy_id, timestamp, packets_matched, bytes_matched, active_flows)
        SELECT policy_id, $NEWEST - ($STEPS - n) * 300, n * 7 + policy_id, n * 7123 + policy_id, n % 97
        FROM t, sdwan_policies;
        COMMIT;
        PRAGMA journal_mode = WAL;
        """
            .replace("$POLICIES", "" + policies)
            .replace("$STEPS", "" + statRows / policies)
            .replace("$NEWEST", "" + newest));
    return db;
  }

  void sqlite(Path db, String sql) throws Exception {
    Path script = data.resolve("script.sql");
    Files.writeString(script, sql);
    shell("sqlite3 -bail " + db + " < " + script + " > " + data.resolve("sqlite.out"));
  }

  /// A command and the bar of its time by the peer's.
  record Timed(String what, String command, double bar) {}

  void beside(String group, String peer, List<String> command, int runs, Timed... ours)
      throws Exception {
    List<String> commands = new ArrayList<>(command);
    Arrays.stream(ours).forEach(timed -> commands.add(timed.command()));
    List<Value> times = hyperfine(runs, false, commands.toArray(String[]::new));
    for (int i = 0; i < times.size() - 1; i++) {
      add(group, ours[i].what(), times.get(i + 1), peer, times.getFirst(), ours[i].bar());
    }
  }

  void add(String group, String what, Value ours, String peer, Value beside, double bar) {
    results.add(new Row(group, what, ours, peer, beside, bar, false));
  }

  List<Value> hyperfine(int runs, boolean shell, String... commands) throws Exception {
    return hyperfine(runs, shell, List.of(), commands);
  }

  List<Value> hyperfine(int runs, boolean shell, List<String> more, String... commands)
      throws Exception {
    if (lacks("hyperfine", "hyperfine")) {
      return List.of(commands).stream().map(_ -> Value.one(Double.NaN, "s")).toList();
    }
    Path file = data.resolve("hyperfine.json");
    List<List<Double>> times = new ArrayList<>();
    List<List<Double>> processor = new ArrayList<>();
    for (int done = 0; done < runs; done += RUNS_IN_TURN) {
      List<String> words = new ArrayList<>(List.of("hyperfine"));
      if (!shell) {
        words.add("-N");
      }
      words.addAll(List.of("--style", "none", "--warmup", done == 0 ? "1" : "0"));
      words.addAll(List.of("--runs", "" + RUNS_IN_TURN, "--export-json", file.toString()));
      words.addAll(more);
      words.addAll(List.of(commands));
      run(words);
      int i = 0;
      for (JsonNode result : Results.JSON.readTree(Files.readString(file)).get("results")) {
        if (done == 0) {
          times.add(new ArrayList<>());
          processor.add(new ArrayList<>());
        }
        List<Double> of = times.get(i);
        result.get("times").forEach(time -> of.add(time.asDouble()));
        processor.get(i++).add(result.get("user").asDouble() + result.get("system").asDouble());
      }
    }
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < times.size(); i++) {
      Value wall = Value.of(array(times.get(i)), "s");
      double used = Value.quantile(array(processor.get(i)), 0.5);
      values.add(new Value(wall.median(), wall.low(), wall.high(), "s", used));
    }
    return values;
  }

  static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  /// Whether a program is not there; then its Debian package is named.
  boolean lacks(String program, String debianPackage) {
    boolean there =
        Stream.of((System.getenv("PATH") + ":/usr/sbin").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program)));
    String name = program + " (Debian package " + debianPackage + ")";
    if (!there) {
      results.missing(name);
    }
    return !there;
  }
}
