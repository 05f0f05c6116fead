package dev.patronus.daemon.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Exposed;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page that a monitoring system reads, from the packaged daemon.
class MetricsServerIT {
  private static final String HOSTILE = "evil \"name\"\\ with\nlines {and=\"labels\"} 1 #ü漢";

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final int page = DaemonUnderTest.freeTcpPort();
  private final HttpClient browser = HttpClient.newHttpClient();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(-7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    database.policy(9, HOSTILE, 1, "{\"protocol\":6,\"dst_port_range\":[80,80]}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
    browser.close();
  }

  private DaemonUnderTest start(String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--metrics-listen", "127.0.0.1:" + page));
    return DaemonUnderTest.start(folder, port, words.toArray(String[]::new));
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + page + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
    return browser.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send("GET", path);
  }

  private Exposed scrape() throws Exception {
    HttpResponse<String> answer = get("/metrics");
    assertEquals(200, answer.statusCode());
    String type = answer.headers().firstValue("Content-Type").orElseThrow();
    assertTrue(type.startsWith("text/plain; version=0.0.4"), type);
    return Exposed.read(answer.body());
  }

  @Test
  void its_counters_are_those_of_stats() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 3) + sender.send(0, 80, 5) + sender.send(0, 25, 7);
      DaemonUnderTest.await("all is counted", () -> daemon.packets() == sent);
      Exposed seen = scrape();
      for (PolicyTraffic policy : daemon.stats().policies()) {
        Map<String, String> labels =
            Map.of("policy_id", Long.toUnsignedString(policy.policyId()), "policy", policy.name());
        assertEquals(policy.packets(), seen.value("patronus_policy_packets_total", labels));
        assertEquals(policy.bytes(), seen.value("patronus_policy_bytes_total", labels));
        assertEquals(policy.activeFlows(), seen.value("patronus_policy_active_flows", labels));
      }
      assertEquals(210, seen.value("patronus_unmatched_packets_total", Map.of()));
      assertEquals(21_000, seen.value("patronus_unmatched_bytes_total", Map.of()));
      assertEquals(90, seen.value("patronus_records_counted_total", Map.of()));
    }
  }

  @Test
  void labels_are_few_and_bounded() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      DaemonUnderTest.await("it counts", () -> daemon.packets() == 0);
      long sent = sender.send(0, 443, 1) + sender.send(500, 443, 1);
      DaemonUnderTest.await("all is counted", () -> daemon.packets() == sent);
      Set<String> allowed =
          Set.of(
              "policy", "policy_id", "source", "exporter", "reason", "cache", "thread", "version");
      Set<String> labels = new TreeSet<>(scrape().labels());
      labels.removeAll(allowed);
      assertEquals(Set.of(), labels);
      int samples = scrape().samples();
      long more = sent + sender.send(1000, 443, 1) + sender.send(2000, 8080, 1);
      DaemonUnderTest.await("more is counted", () -> daemon.packets() == more);
      assertEquals(samples, scrape().samples(), "however many flows there are");
    }
  }

  @Test
  void names_are_stable() throws Exception {
    try (DaemonUnderTest daemon = start("--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 1);
      DaemonUnderTest.await("all is counted", () -> daemon.packets() == sent);
      DaemonUnderTest.await(
          "a snapshot is saved",
          () -> scrape().names().contains("patronus_last_snapshot_timestamp_seconds"));
      Set<String> missing =
          new TreeSet<>(
              Set.of(
                  "patronus_policy_packets_total",
                  "patronus_policy_bytes_total",
                  "patronus_policy_active_flows",
                  "patronus_unmatched_packets_total",
                  "patronus_unmatched_bytes_total",
                  "patronus_unmatched_active_flows",
                  "patronus_flows_active",
                  "patronus_flows_evicted_total",
                  "patronus_records_counted_total",
                  "patronus_records_lost_total",
                  "patronus_snapshots_saved_total",
                  "patronus_source_datagrams_received_total",
                  "patronus_source_records_decoded_total",
                  "patronus_source_sequence_lost_total",
                  "patronus_source_kernel_dropped",
                  "patronus_cache_hits_total",
                  "patronus_cache_misses_total",
                  "patronus_cache_evictions_total",
                  "patronus_cache_entries"));
      missing.removeAll(scrape().names());
      assertEquals(Set.of(), missing);
    }
  }

  @Test
  void every_name_is_explained() throws Exception {
    try (DaemonUnderTest _ = start()) {
      String text = get("/metrics").body();
      List<String> unexplained =
          text.lines()
              .filter(line -> line.startsWith("# TYPE "))
              .map(line -> line.split(" ", -1)[2])
              .filter(name -> !text.contains("# HELP " + name + " "))
              .toList();
      assertEquals(List.of(), unexplained);
    }
  }

  @Test
  void health_and_readiness_have_codes_of_their_own() throws Exception {
    try (DaemonUnderTest daemon = start("--snapshot-every", "1s");
        NetflowV5Sender _ = new NetflowV5Sender(port)) {
      assertEquals("ok\n", get("/health").body());
      DaemonUnderTest.await("it is ready", () -> get("/ready").statusCode() == 200);
      database.run("BEGIN EXCLUSIVE");
      daemon.program().awaitStderr("cannot save the snapshot");
      HttpResponse<String> locked = get("/ready");
      assertEquals(503, locked.statusCode());
      assertTrue(locked.body().startsWith("not ready: snapshots cannot be saved"), locked.body());
      assertEquals(200, get("/health").statusCode());
      database.run("COMMIT");
      DaemonUnderTest.await("it is ready again", () -> get("/ready").statusCode() == 200);
    }
  }

  @Test
  void what_is_no_page_is_404_and_what_changes_something_is_405() throws Exception {
    try (DaemonUnderTest _ = start()) {
      assertEquals(404, get("/").statusCode());
      assertEquals(404, get("/metricsandmore").statusCode());
      assertEquals(405, send("POST", "/metrics").statusCode());
      assertEquals(200, send("HEAD", "/metrics").statusCode());
      assertEquals("", send("HEAD", "/health").body());
    }
  }

  @Test
  void a_port_that_is_taken_is_said_and_counting_goes_on() throws Exception {
    ServerSocket taken = new ServerSocket(page, 1, InetAddress.getLoopbackAddress());
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      String log = daemon.program().stderrSoFar();
      assertTrue(log.contains("no metrics page at http://127.0.0.1:" + page), log);
      long sent = sender.send(0, 443, 1);
      DaemonUnderTest.await("it is counted", () -> daemon.packets() == sent);
      taken.close();
      daemon.program().awaitStderr("the metrics page is at ");
      assertEquals(30, scrape().value("patronus_records_counted_total", Map.of()));
    } finally {
      taken.close();
    }
  }

  @Test
  void clients_that_never_read_cost_nothing() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      for (int i = 0; i < 30; i++) {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), page);
        idle.add(client);
        String half = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
        String asked = i % 2 == 0 ? half : half + "\r\n" + half + "\r\n";
        client.getOutputStream().write(asked.getBytes(StandardCharsets.US_ASCII));
      }
      long sent = sender.send(0, 443, 1);
      DaemonUnderTest.await("it is counted", () -> daemon.packets() == sent);
      assertEquals(30, scrape().value("patronus_records_counted_total", Map.of()));
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    } finally {
      for (Socket client : idle) {
        client.close();
      }
    }
  }

  @Test
  void scrapes_while_it_counts_never_go_back() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long before = 0;
      long sent = 0;
      for (int i = 0; i < 50; i++) {
        sent += sender.send(i * 30, 443, 1);
        long now = scrape().value("patronus_records_counted_total", Map.of());
        assertTrue(now >= before, before + " then " + now);
        before = now;
      }
      long all = sent;
      DaemonUnderTest.await("all is counted", () -> daemon.packets() == all);
      assertEquals(all, scrape().value("patronus_records_counted_total", Map.of()));
    }
  }

  @Test
  void it_comes_and_goes_with_a_reload() throws Exception {
    Path config = folder.resolve("patronus.conf");
    java.nio.file.Files.writeString(config, "metrics-listen = off\n");
    Program program =
        Program.patronus("daemon", "--config", config, "--source", "netflow://127.0.0.1:" + port)
            .env("PATRONUS_DB_PATH", database.file())
            .env("PATRONUS_STATE_DIR", folder)
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"));
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port)) {
      java.nio.file.Files.writeString(config, "metrics-listen = 127.0.0.1:" + page + "\n");
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("reloaded: metrics-listen 127.0.0.1:" + page);
      assertEquals(200, get("/health").statusCode());
      java.nio.file.Files.writeString(config, "metrics-listen = off\n");
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("reloaded: metrics-listen off");
      new ServerSocket(page, 1, InetAddress.getLoopbackAddress()).close();
    }
  }
}
