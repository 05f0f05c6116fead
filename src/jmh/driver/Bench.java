import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Measures the packaged program beside other programs, and writes a table of ratios.
///
///     ./mvnw -Pbench verify                        all groups, some 12 minutes
///     ./mvnw -Pbench verify -Dbench=startup,export some
///
/// Each measurement is one of ours and one of a peer, taken in the same run, and the bar that their
/// ratio is held against. Whole programs are timed by hyperfine, in turns (medians, and the quartiles as
/// spread; and processor time, which depends less on what else the machine does), methods by JMH. `target/bench` gets `results.md` and `results.json`; the recorded runs are in
/// `src/jmh/results`. A program that is missing is named, and its rows are left out. Read the ratios,
/// not the times: the machine is part of those.
final class Bench {
  private static final Path WORK = Path.of("target/bench").toAbsolutePath();
  private static final Path PROGRAM = Path.of("target/patronus/bin/patronus").toAbsolutePath();
  private static final Path JAVA =
      Path.of(System.getProperty("java.home"), "bin/java").toAbsolutePath();
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final int EXPORT_ROWS = Integer.getInteger("bench.rows", 5_000_000);

  /// How often a command is run before it is the next one's turn.
  private static final int RUNS_IN_TURN = 2;

  private static final int POLICIES = 1_000;
  private static final int FLOWS = 10_000;
  private static final String COLUMNS =
      "stat_id,policy_id,timestamp,packets_matched,bytes_matched,active_flows";

  private final Path data;
  private final List<Row> rows = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  private Bench(Path data) {
    this.data = data;
  }

  /// A number with its spread: the quartiles, where there are several runs.
  ///
  /// @param processor processor time in seconds, where it was measured, else NaN
  private record Value(double median, double low, double high, String unit, double processor) {
    static Value one(double number, String unit) {
      return new Value(number, number, number, unit, Double.NaN);
    }

    private String text() {
      String spread = low == high ? "" : " (" + short3(low) + "-" + short3(high) + ")";
      return short3(median) + " " + unit + spread;
    }
  }

  /// A row of the table.
  ///
  /// @param bar what the ratio must reach; NaN where there is none
  /// @param atLeast whether the bar is a lower bound
  private record Row(
      String group,
      String what,
      Value ours,
      String peer,
      Value beside,
      double bar,
      boolean atLeast) {
    /// Ours by the peer's; ours alone where there is no peer.
    double ratio() {
      return beside == null ? ours.median() : ours.median() / beside.median();
    }

    /// The ratio of processor times; NaN where there is none.
    double processorRatio() {
      return beside == null ? Double.NaN : ours.processor() / beside.processor();
    }

    String verdict() {
      if (Double.isNaN(bar)) {
        return "";
      }
      return (atLeast ? ratio() >= bar : ratio() <= bar) ? "met" : "not met";
    }
  }

  public static void main(String[] args) throws Exception {
    Map<String, Group> groups = new LinkedHashMap<>();
    Files.createDirectories(WORK);
    Path shm = Path.of("/dev/shm");
    Path data = Files.createTempDirectory(Files.isWritable(shm) ? shm : WORK, "patronus-bench-");
    Bench bench = new Bench(data);
    groups.put("startup", bench::startup);
    groups.put("lists", bench::lists);
    groups.put("live", bench::live);
    groups.put("export", bench::export);
    groups.put("delete", bench::delete);
    groups.put("record", bench::record);
    groups.put("udp", bench::udp);
    String wanted = args.length == 0 || args[0].isBlank() ? "all" : args[0];
    List<String> names =
        wanted.equals("all") ? List.copyOf(groups.keySet()) : List.of(wanted.split(","));
    try {
      for (String name : names) {
        if (!groups.containsKey(name)) {
          throw new IllegalArgumentException(
              "no group '" + name + "'; there are " + String.join(", ", groups.keySet()));
        }
        System.err.println("bench: " + name);
        groups.get(name).measure();
      }
      bench.write();
    } finally {
      delete(data);
    }
  }

  /// What measures some rows.
  @FunctionalInterface
  private interface Group {
    void measure() throws Exception;
  }

  // ---- groups ----------------------------------------------------------------------------------

  private void startup() throws Exception {
    Path db = database("startup.db", 100, 100);
    String patronus = PROGRAM + " --db " + db + " ";
    beside(
        "startup",
        "an empty Java main",
        emptyMain(),
        30,
        new Timed("`stats` of a snapshot", patronus + "stats", 1.7),
        new Timed("`--help`", PROGRAM + " --help", 1.7),
        new Timed("completion of a policy", patronus + "__complete -- stats --policy \"\"", 1.7));
  }

  private void lists() throws Exception {
    Path db = demo("lists");
    String patronus = PROGRAM + " --db " + db + " ";
    beside(
        "lists",
        "an empty Java main",
        emptyMain(),
        20,
        new Timed("`site list`", patronus + "site list", 2.8),
        new Timed("`policy list`", patronus + "policy list", 2.8),
        new Timed("`path list`", patronus + "path list", 2.8),
        new Timed("`audit`", patronus + "audit", 2.8),
        new Timed("`site delete --dry-run`", patronus + "site delete oslo --dry-run", 2.8),
        new Timed("`policy explain`", patronus + "policy explain 10.1.2.3 192.0.2.10:443", 2.8));
  }

  private void live() throws Exception {
    Path db = database("live.db", POLICIES, POLICIES);
    Path socket = data.resolve("live.sock");
    try (Daemon daemon = new Daemon(db, socket, 0)) {
      new UdpLoad(5, POLICIES, FLOWS).send(daemon.port(), 10L * FLOWS, 50_000);
      String patronus = PROGRAM + " --db " + db + " --socket " + socket + " ";
      beside(
          "live",
          "an empty Java main",
          emptyMain(),
          20,
          new Timed("`stats` of a daemon with 1,000 policies", patronus + "stats", 2.2),
          new Timed("`status` of the same", patronus + "status", 2.2),
          new Timed("`stats flows` of the same", patronus + "stats flows", 2.2));
      rows.add(
          new Row(
              "live",
              "resident memory, 1,000 policies and 10,000 flows",
              Value.one(daemon.peakMegabytes(), "MB"),
              "",
              null,
              90,
              false));
    }
    Path large = database("million.db", POLICIES, POLICIES);
    try (Daemon daemon = new Daemon(large, data.resolve("million.sock"), 0)) {
      new UdpLoad(5, POLICIES, 1_000_000).send(daemon.port(), 2_000_000, 300_000);
      rows.add(
          new Row(
              "live",
              "resident memory, 1,000 policies, 1 M flows sent, of which it keeps what it has room for",
              Value.one(daemon.peakMegabytes(), "MB"),
              "",
              null,
              Double.NaN,
              false));
    }
  }

  private void export() throws Exception {
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
    }
  }

  private void memory(String what, String command) throws Exception {
    Path out = data.resolve("rss");
    shell("/usr/bin/time -o " + out + " -f %M " + command);
    double megabytes = Double.parseDouble(Files.readString(out).strip()) / 1024;
    rows.add(
        new Row(
            "export", "resident memory, " + what, Value.one(megabytes, "MB"), "", null, 80, false));
  }

  /// Whole processes: what the program and `sqlite3` take to start is part of both.
  private void delete() throws Exception {
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
  }

  private void record() throws Exception {
    Path file = WORK.resolve("jmh.json");
    run(
        List.of(
            JAVA.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "org.openjdk.jmh.Main",
            "TrafficAccountingBenchmark",
            "-p",
            "policies=" + POLICIES,
            "-wi",
            "3",
            "-w",
            "1",
            "-i",
            "5",
            "-r",
            "1",
            "-f",
            "1",
            "-v",
            "SILENT",
            "-rf",
            "json",
            "-rff",
            file.toString()));
    Map<String, Value> values = new LinkedHashMap<>();
    for (JsonNode result : JSON.readTree(Files.readString(file))) {
      String name = result.get("benchmark").asString();
      double[] all =
          result
              .get("primaryMetric")
              .get("rawData")
              .get(0)
              .valueStream()
              .mapToDouble(JsonNode::asDouble)
              .toArray();
      values.put(
          name.substring(name.lastIndexOf('.') + 1) + result.get("params").get("flows").asString(),
          value(all, "ns"));
    }
    for (String flows : List.of("10000", "1000000")) {
      add(
          "record",
          "a packet, 1,000 policies, " + flows + " flows",
          values.get("accounting" + flows),
          "ConcurrentHashMap with LongAdder",
          values.get("concurrentMap" + flows),
          flows.equals("10000") ? 0.35 : 0.12);
    }
  }

  /// The greatest rate at which the kernel drops nothing, searched by rising rates, and the
  /// processor time at a rate that both bear.
  private void udp() throws Exception {
    if (lacks("nfcapd", "nfdump")) {
      return;
    }
    double[] bars = {1.9, 1.9, 1.9};
    String[] names = {"NetFlow v5", "NetFlow v9", "IPFIX"};
    int[] versions = {5, 9, 10};
    for (int i = 0; i < versions.length; i++) {
      UdpLoad load = new UdpLoad(versions[i], POLICIES, 200_000);
      Path db = database("udp" + versions[i] + ".db", POLICIES, POLICIES);
      Load ours;
      try (Daemon daemon = new Daemon(db, data.resolve("udp.sock"), 4_194_304)) {
        ours = Load.of(load, daemon.port(), daemon.process());
      }
      Load peer;
      int port = UdpLoad.freePort();
      Path flows = Files.createDirectories(data.resolve("nfcapd" + versions[i]));
      Process nfcapd =
          quietly(
              List.of(
                  "nfcapd",
                  "-b",
                  "127.0.0.1",
                  "-p",
                  "" + port,
                  "-w",
                  flows.toString(),
                  "-B",
                  "4194304",
                  "-t",
                  "3600"));
      try {
        UdpLoad.awaitListener(port);
        peer = Load.of(load, port, nfcapd);
      } finally {
        nfcapd.destroy();
        nfcapd.waitFor();
        delete(flows);
      }
      rows.add(
          new Row(
              "udp",
              names[i] + " without loss, 200,000 keys, buffers of 4 MB",
              Value.one(ours.best() / 1e6, "M records/s"),
              "nfcapd, which counts nothing",
              Value.one(peer.best() / 1e6, "M records/s"),
              bars[i],
              true));
      add(
          "udp",
          names[i] + ", processor time of a record",
          Value.one(ours.nanos(), "ns"),
          "nfcapd, which counts nothing",
          Value.one(peer.nanos(), "ns"),
          Double.NaN);
    }
  }

  /// What a collector bears.
  ///
  /// @param best records a second without loss
  /// @param nanos processor time of a record at a moderate rate
  private record Load(double best, double nanos) {
    private static final double MODERATE = 800_000;

    static Load of(UdpLoad load, int port, Process process) throws Exception {
      load.send(port, 4_000_000, MODERATE); // compiled code, warm tables
      UdpLoad.awaitEmpty(port);
      Duration before = Duration.of(process);
      UdpLoad.Sent moderate = load.send(port, 2_000_000, MODERATE);
      UdpLoad.awaitEmpty(port);
      double nanos = (double) (Duration.of(process).nanos() - before.nanos()) / moderate.records();
      double best = 0;
      for (double rate = 600_000; rate < 12_000_000; rate *= 1.2) {
        long drops = UdpLoad.drops(port);
        UdpLoad.Sent sent = load.send(port, (long) (rate * 1.2), rate);
        UdpLoad.awaitEmpty(port);
        if (UdpLoad.drops(port) > drops) {
          break;
        }
        best = Math.max(best, sent.rate());
        if (sent.rate() < rate * 0.9) {
          break; // the sender cannot do more
        }
      }
      return new Load(best, nanos);
    }
  }

  /// Processor time of a process, children aside.
  private record Duration(long nanos) {
    static Duration of(Process process) {
      return new Duration(process.toHandle().info().totalCpuDuration().orElseThrow().toNanos());
    }
  }

  // ---- what is measured ------------------------------------------------------------------------

  /// The daemon of a database, listening for flow export on a free port.
  private final class Daemon implements AutoCloseable {
    private final Process process;
    private final int port = UdpLoad.freePort();

    Daemon(Path db, Path socket, int buffer) throws Exception {
      String source =
          "netflow://127.0.0.1:" + port + (buffer == 0 ? "" : "?receive-buffer=" + buffer);
      process =
          quietly(
              List.of(
                  PROGRAM.toString(),
                  "daemon",
                  "--db",
                  db.toString(),
                  "--socket",
                  socket.toString(),
                  "--state-dir",
                  data.toString(),
                  "--metrics-listen",
                  "off",
                  "--source",
                  source));
      UdpLoad.awaitListener(port);
      UdpLoad.await(() -> Files.exists(socket), "no daemon at " + socket);
    }

    int port() {
      return port;
    }

    Process process() {
      return process;
    }

    double peakMegabytes() throws IOException {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElseThrow();
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }

  private List<String> emptyMain() throws Exception {
    Path source = data.resolve("Empty.java");
    Files.writeString(source, "class Empty { public static void main(String[] args) {} }\n");
    run(List.of(JAVA.resolveSibling("javac").toString(), "-d", data.toString(), source.toString()));
    return List.of(JAVA + " -cp " + data + " Empty");
  }

  private Path demo(String name) throws Exception {
    Path folder = data.resolve(name);
    run(List.of(PROGRAM.toString(), "demo", "--keep", folder.toString()));
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".db")).findFirst().orElseThrow();
    }
  }

  /// A database with policies that each match a port, and rows of counters five minutes apart.
  private Path database(String name, int policies, int statRows) throws Exception {
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

  private void sqlite(Path db, String sql) throws Exception {
    Path script = data.resolve("script.sql");
    Files.writeString(script, sql);
    shell("sqlite3 -bail " + db + " < " + script + " > " + data.resolve("sqlite.out"));
  }

  // ---- measuring -------------------------------------------------------------------------------

  /// A command and the bar of its time by the peer's.
  private record Timed(String what, String command, double bar) {}

  private void beside(String group, String peer, List<String> command, int runs, Timed... ours)
      throws Exception {
    List<String> commands = new ArrayList<>(command);
    Arrays.stream(ours).forEach(timed -> commands.add(timed.command()));
    List<Value> times = hyperfine(runs, false, commands.toArray(String[]::new));
    for (int i = 0; i < times.size() - 1; i++) {
      add(group, ours[i].what(), times.get(i + 1), peer, times.getFirst(), ours[i].bar());
    }
  }

  private void add(String group, String what, Value ours, String peer, Value beside, double bar) {
    rows.add(new Row(group, what, ours, peer, beside, bar, false));
  }

  private List<Value> hyperfine(int runs, boolean shell, String... commands) throws Exception {
    return hyperfine(runs, shell, List.of(), commands);
  }

  private List<Value> hyperfine(int runs, boolean shell, List<String> more, String... commands)
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
      for (JsonNode result : JSON.readTree(Files.readString(file)).get("results")) {
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
      Value wall = value(array(times.get(i)), "s");
      double used = quantile(array(processor.get(i)), 0.5);
      values.add(new Value(wall.median(), wall.low(), wall.high(), "s", used));
    }
    return values;
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  private static Value value(double[] all, String unit) {
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    return new Value(
        quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), unit, Double.NaN);
  }

  private static double quantile(double[] sorted, double part) {
    double at = part * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /// Whether a program is not there; then its Debian package is named.
  private boolean lacks(String program, String debianPackage) {
    boolean there =
        Stream.of((System.getenv("PATH") + ":/usr/sbin").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program)));
    String name = program + " (Debian package " + debianPackage + ")";
    if (!there && !missing.contains(name)) {
      missing.add(name);
      System.err.println("bench: no " + name + "; its rows are left out");
    }
    return !there;
  }

  // ---- processes -------------------------------------------------------------------------------

  private static Process quietly(List<String> words) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(WORK.resolve("log").toFile()));
    return builder.start();
  }

  private static void run(List<String> words) throws Exception {
    int code = quietly(words).waitFor();
    if (code != 0) {
      throw new IllegalStateException(
          String.join(" ", words) + ": exit code " + code + "; see " + WORK.resolve("log"));
    }
  }

  private static void shell(String command) throws Exception {
    run(List.of("sh", "-c", command));
  }

  private static String line(List<String> words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? text.strip() : "unknown";
    } catch (IOException | InterruptedException _) {
      return "unknown";
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- results ---------------------------------------------------------------------------------

  private void write() throws IOException {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    machine.put("commit", line(List.of("git", "describe", "--always", "--dirty", "--abbrev=10")));
    machine.put("processor", processor());
    machine.put("processors", Runtime.getRuntime().availableProcessors());
    machine.put("load", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    machine.put("kernel", System.getProperty("os.version"));
    machine.put("java", Runtime.version().toString());
    machine.put("sqlite3", line(List.of("sqlite3", "--version")).split(" ")[0]);
    List<Map<String, Object>> all = rows.stream().map(Bench::members).toList();
    Map<String, Object> document = new LinkedHashMap<>(machine);
    document.put("missing", missing);
    document.put("rows", all);
    Files.writeString(WORK.resolve("results.json"), JSON.writeValueAsString(document) + "\n");
    String text = table(machine);
    Files.writeString(WORK.resolve("results.md"), text);
    System.out.print(text);
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.replaceFirst(".*: *", ""))
        .findFirst()
        .orElse("unknown");
  }

  private static Map<String, Object> members(Row row) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("group", row.group());
    members.put("what", row.what());
    members.put("unit", row.ours().unit());
    members.put("median", row.ours().median());
    members.put("quartiles", List.of(row.ours().low(), row.ours().high()));
    if (row.beside() != null) {
      members.put("peer", row.peer());
      members.put("peer_median", row.beside().median());
      members.put("peer_quartiles", List.of(row.beside().low(), row.beside().high()));
    }
    members.put("ratio", row.ratio());
    if (!Double.isNaN(row.processorRatio())) {
      members.put("processor_seconds", row.ours().processor());
      members.put("peer_processor_seconds", row.beside().processor());
      members.put("processor_ratio", row.processorRatio());
    }
    if (!Double.isNaN(row.bar())) {
      members.put("bar", row.bar());
      members.put("met", row.verdict().equals("met"));
    }
    return members;
  }

  private String table(Map<String, Object> machine) {
    StringBuilder text = new StringBuilder();
    text.append(
        machine.entrySet().stream()
            .map(each -> each.getKey() + " " + each.getValue())
            .collect(Collectors.joining(", ")));
    text.append("\n\n| what | ours: median (quartiles) | beside, in the same run | its median |");
    text.append(" ratio | bar | | processor time |\n|---|---|---|---|---|---|---|---|\n");
    for (Row row : rows) {
      List<String> cells =
          List.of(
              (row.group().equals("export") && row.beside() != null ? "export of " : "")
                  + row.what(),
              row.ours().text(),
              row.peer(),
              row.beside() == null ? "" : row.beside().text(),
              row.beside() == null ? "" : short3(row.ratio()),
              Double.isNaN(row.bar()) ? "" : (row.atLeast() ? "≥ " : "≤ ") + short3(row.bar()),
              row.verdict(),
              Double.isNaN(row.processorRatio()) ? "" : short3(row.processorRatio()));
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
    if (!missing.isEmpty()) {
      text.append("\nNot there: ").append(String.join(", ", missing)).append(".\n");
    }
    return text.toString();
  }

  /// A number in three digits.
  private static String short3(double number) {
    if (number >= 100) {
      return String.format(Locale.ROOT, "%.0f", number);
    }
    return String.format(
        Locale.ROOT, number >= 10 ? "%.1f" : number >= 1 ? "%.2f" : "%.3f", number);
  }
}
