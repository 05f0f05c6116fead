package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.json.Json;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Exposed;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The packaged daemon with its own heap, on a database that leaves little of it for flows, and
/// with a full flow table.
class FullHeapIT {
  private static final int POLICIES = 31_000;

  /// A full mesh of these has 100,172 paths.
  private static final int SITES = 317;

  /// More flows than the heap has room for.
  private static final int FLOWS = 640_000;

  private static final int BURST = 2_000;
  private static final Path JCMD = Path.of(System.getProperty("java.home"), "bin/jcmd");
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");
  private static final Pattern HEAP = Pattern.compile("(?m)^-Xmx(\\d+)m$");
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
  private static final Pattern LIMIT = Pattern.compile("(?m)^MemoryMax=(\\d+)M$");

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final int page = DaemonUnderTest.freeTcpPort();

  private void makeDatabase() throws SQLException, IOException {
    try (PlatformDatabase made = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      made.inOneTransaction(() -> {
        made.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                + " INSERT INTO sdwan_policies SELECT i, 'policy ' || i, i,"
                + " '{\"protocol\":6,\"dst_port_range\":[' || i || ',' || i || ']}',"
                + " '\"LowestLatency\"', 1 FROM n",
            POLICIES);
        made.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                + " INSERT INTO sdwan_sites SELECT printf('%08x-0000-4000-8000-000000000000', i),"
                + " 'site ' || i, x'00', 1760000000, 1763900000, 'active' FROM n",
            SITES);
        made.run(
            "INSERT INTO sdwan_paths (src_site_id, dst_site_id, src_endpoint, dst_endpoint,"
                + " wg_interface, status) SELECT a.site_id, b.site_id, '192.0.2.1:51820',"
                + " '198.51.100.1:51820', 'wg0', 'up' FROM sdwan_sites a, sdwan_sites b"
                + " WHERE a.site_id <> b.site_id");
        made.run(
            "INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms,"
                + " packet_loss_pct, bandwidth_mbps, mtu, score)"
                + " SELECT path_id, 1760000000, 10 + path_id % 90, 1.5, 0.1, 500, 1420, 90"
                + " FROM sdwan_paths");
      });
    }
  }

  /// Changes every policy and every path, so that the daemon reads all of them while it still holds
  /// the ones from before.
  private void changeAll(DaemonUnderTest daemon, int number) throws Exception {
    long before = reloads(daemon);
    try (PlatformDatabase changing = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      changing.inOneTransaction(() -> {
        changing.run("UPDATE sdwan_policies SET name = 'policy ' || policy_id || ?", "." + number);
        changing.run("UPDATE sdwan_paths SET src_endpoint = ?", "192.0.2." + number + ":51820");
      });
    }
    DaemonUnderTest.await("the changed policies are in force", () -> reloads(daemon) > before);
  }

  private static long reloads(DaemonUnderTest daemon) {
    return daemon.program().stderrSoFar().lines().filter(l -> l.endsWith(" are in force")).count();
  }

  private static long packets(DaemonUnderTest daemon) throws IOException {
    Json.Obj status = ((Reply.Document) daemon.ask(new Request.Status())).members();
    return status.integer("packets");
  }

  private ProgramOutcome patronus(String... words) {
    ProgramOutcome outcome =
        Program.patronus((Object[]) words)
            .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
            .run();
    assertEquals(0, outcome.exitCode(), () -> List.of(words) + " failed: " + outcome.stderr());
    return outcome;
  }

  private Exposed scrape(HttpClient client) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + page + "/metrics");
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
    assertEquals(200, answer.statusCode());
    return Exposed.read(answer.body());
  }

  private static long matched(Pattern pattern, Path file) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(file));
    assertTrue(matcher.find(), file + " has no " + pattern);
    return Long.parseLong(matcher.group(1));
  }

  /// Fills the flow table, as fast as the daemon counts.
  private long fill(DaemonUnderTest daemon, NetflowV5Sender sender) throws Exception {
    long sent = 0;
    for (int flow = 0; flow < FLOWS; flow += NetflowV5Sender.FLOWS) {
      sent += sender.send(flow, 1 + flow % POLICIES, 1);
      if (flow / NetflowV5Sender.FLOWS % BURST == BURST - 1) {
        awaitPackets(daemon, sent);
      }
    }
    awaitPackets(daemon, sent);
    return sent;
  }

  private static void awaitPackets(DaemonUnderTest daemon, long packets) throws Exception {
    DaemonUnderTest.await(packets + " packets are counted", () -> packets(daemon) == packets);
  }

  private void askAll(HttpClient client) throws Exception {
    Path flows = folder.resolve("flows.csv");
    assertEquals(
        POLICIES, lines(patronus("stats", "-o", "csv", "--columns", "name,bytes_matched")));
    assertEquals(10_000, lines(patronus("stats", "flows", "-n", "10000", "-o", "csv")));
    patronus("export", "flows", "--force", "--file", flows.toString());
    try (var exported = Files.lines(flows)) {
      assertTrue(exported.count() > 30_000, "the export has the flow table");
    }
    assertEquals(SITES * (SITES - 1L), lines(patronus("path", "list", "-o", "csv")));
    patronus("policy", "explain", "10.0.0.1:40000", "10.1.0.1:443");
    assertEquals("ready\n", patronus("status", "--check", "ready").stdout());
    assertTrue(scrape(client).value("patronus_flows_evicted_total", Map.of()) > 0);
  }

  /// The rows of a CSV answer, without its head.
  private static long lines(ProgramOutcome csv) {
    return csv.stdout().lines().count() - 1;
  }

  /// The bytes of the heap that stay in use: the least after some full collections, one of which
  /// may meet a snapshot or a reading.
  private static long live(DaemonUnderTest daemon) {
    String pid = Long.toString(daemon.program().pid());
    long least = Long.MAX_VALUE;
    for (int collection = 0; collection < 3; collection++) {
      assertEquals(0, Program.of(JCMD, pid, "GC.run").run().exitCode());
      ProgramOutcome heap = Program.of(JCMD, pid, "GC.heap_info").run();
      Matcher used = USED.matcher(heap.stdout());
      long kilobytes = 0;
      while (used.find()) {
        kilobytes += Long.parseLong(used.group(1));
      }
      assertTrue(kilobytes > 0, heap::toString);
      least = Math.min(least, kilobytes * 1024);
    }
    return least;
  }

  /// What the plan is for: beside all that is held there is room for an eighth of the heap for
  /// replies, and for a third of the database's part, which is held twice while all of it changes.
  private static void assertPlanned(long database, long full) throws IOException {
    long heap = matched(HEAP, Path.of("src/dist/daemon.options")) << 20;
    String said =
        "%d MB with an empty flow table, %d MB with a full one, of %d MB"
            .formatted(database >> 20, full >> 20, heap >> 20);
    assertTrue(full + database / 3 <= heap - heap / 8, said);
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void all_is_answered_while_all_changes_within_the_planned_heap_and_the_units_memory()
      throws Exception {
    makeDatabase();
    Program program =
        DaemonUnderTest.program(folder, port, "--snapshot-every", "10s", "--flow-timeout", "2h")
            .env("PATRONUS_METRICS_LISTEN", "127.0.0.1:" + page);
    List<String> peaks = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient();
        DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      Path status = Path.of("/proc/" + daemon.program().pid() + "/status");
      long database = live(daemon);
      long counted = fill(daemon, sender);
      assertPlanned(database, live(daemon));
      for (int round = 0; round < 2; round++) {
        changeAll(daemon, round);
        askAll(client);
        counted += sender.send(round, 443, 1);
        awaitPackets(daemon, counted);
        peaks.add(matched(PEAK, status) / 1024 + " MB");
      }
      long limit = matched(LIMIT, Path.of("src/dist/patronus.service"));
      assertTrue(matched(PEAK, status) / 1024 < limit, peaks + " of " + limit + " MB");
      String log = daemon.program().stderrSoFar();
      assertFalse(log.contains("OutOfMemoryError"), log);
    }
  }
}
