package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Captures;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `pcap:FILE?time=capture`: a capture of two hours ago lies in its own minutes, once.
class CaptureTimeIT {
  private static final long FIVE_MINUTES = 300_000;

  /// One a minute: some days, which are counted in several transactions.
  private static final int DAYS_PACKETS = 5_000;

  @TempDir private Path folder;
  private PlatformDatabase database;
  private Path file;

  @BeforeEach
  void make() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.SPRINT_30);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    file = folder.resolve("old.pcap");
    capture(file, Instant.now().minusSeconds(7_200).toEpochMilli(), 3_000);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private static void capture(Path file, long beginMillis, int packets) throws IOException {
    Random random = new Random(5);
    try (Captures capture = Captures.create(file)) {
      capture.at(beginMillis);
      for (int i = 0; i < packets; i++) {
        capture.after(random.nextInt(600));
        String client = "10.0.0." + random.nextInt(9);
        int bytes = 60 + random.nextInt(1_400);
        if (random.nextBoolean()) {
          capture.tcp(client, 40_000 + random.nextInt(9), "192.0.2.1", 443, bytes);
        } else {
          capture.udp(client, 40_000, "192.0.2.1", 53, bytes);
        }
      }
    }
  }

  private Program daemon(Object... sources) {
    List<Object> words =
        new ArrayList<>(
            List.of(
                "daemon",
                "--db",
                folder.resolve("sdwan.db"),
                "--state-dir",
                folder,
                "--socket",
                folder.resolve("patronus.sock")));
    for (Object source : sources) {
      words.addAll(List.of("--source", source));
    }
    return Program.patronus(words.toArray()).env("PATRONUS_METRICS_LISTEN", "off");
  }

  private String captured(Path capture) {
    return "pcap:" + capture + "?time=capture";
  }

  private List<String> patronus(Object... words) {
    ProgramOutcome outcome =
        Program.patronus(words)
            .env("PATRONUS_DB_PATH", database.file())
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.lines();
  }

  /// Packets and bytes of the policy `web` in steps of 5 minutes.
  private Map<Long, String> history() {
    Map<Long, String> steps = new TreeMap<>();
    for (String line :
        patronus(
            "stats",
            "history",
            "-p",
            "web",
            "--since",
            "3h",
            "--step",
            "5m",
            "-o",
            "csv",
            "--no-headers",
            "--columns",
            "timestamp,packets_matched,bytes_matched")) {
      String[] cells = line.split(",", 2);
      if (!cells[1].startsWith("0,") && !cells[1].startsWith(",")) {
        steps.put(Long.parseLong(cells[0]) * 1_000, cells[1]);
      }
    }
    return steps;
  }

  /// The same as tshark reads it in the capture.
  private static Map<Long, String> judged(Path capture) {
    ProgramOutcome read =
        Program.of(
                "tshark",
                "-r",
                capture,
                "-Y",
                "tcp.dstport==443",
                "-T",
                "fields",
                "-e",
                "frame.time_epoch",
                "-e",
                "ip.len")
            .run();
    assertEquals(0, read.exitCode(), read::toString);
    Map<Long, long[]> sums = new TreeMap<>();
    for (String line : read.lines()) {
      String[] cells = line.split("\t", -1);
      long millis = (long) (Double.parseDouble(cells[0]) * 1_000 + 0.5);
      long[] sum =
          sums.computeIfAbsent(millis - Math.floorMod(millis, FIVE_MINUTES), _ -> new long[2]);
      sum[0]++;
      sum[1] += Long.parseLong(cells[1]);
    }
    Map<Long, String> texts = new TreeMap<>();
    sums.forEach((step, sum) -> texts.put(step, sum[0] + "," + sum[1]));
    return texts;
  }

  @Test
  void its_minutes_have_what_tshark_reads_in_them_and_nothing_counts_twice() throws Exception {
    Tools.require("tshark");
    ProgramOutcome first = daemon(captured(file)).run();
    assertEquals(0, first.exitCode(), first::toString);
    Map<Long, String> expected = judged(file);
    assertTrue(expected.size() > 2, expected::toString);
    assertEquals(expected, history());
    Path copy = Files.copy(file, folder.resolve("another-name.pcap"));
    ProgramOutcome second = daemon(captured(file), captured(copy)).run();
    assertEquals(0, second.exitCode(), second::toString);
    assertTrue(second.stderr().contains("counted before"), second::toString);
    assertEquals(expected, history());
    List<String> checked = patronus("db", "check", "--fail-on", "error");
    assertTrue(
        checked.stream().anyMatch(line -> line.contains("roll-ups      the same as the rows")),
        checked::toString);
  }

  @Test
  void it_is_counted_beside_live_traffic_and_refused_in_its_time() throws Exception {
    Tools.require("tshark");
    int port = DaemonUnderTest.freePort();
    Program program = daemon("netflow://127.0.0.1:" + port, captured(file));
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      daemon.program().awaitStderr("packets were counted from");
      Map<Long, String> expected = judged(file);
      long before =
          expected.values().stream().mapToLong(sum -> Long.parseLong(sum.split(",", 2)[0])).sum();
      long sent = sender.send(0, 443, 2);
      DaemonUnderTest.await("live traffic", () -> web(daemon) == before + sent);
      assertEquals(expected, history());
    }
    Path now = folder.resolve("now.pcap");
    long last = database.number("SELECT max(timestamp) FROM sdwan_policy_stats") * 1_000;
    capture(now, last - 30_000, 40);
    ProgramOutcome refused = daemon(captured(now)).run();
    assertEquals(1, refused.exitCode(), refused::toString);
    assertTrue(refused.stderr().contains("live sources counted"), refused::toString);
  }

  private static long web(DaemonUnderTest daemon) throws IOException {
    return daemon.stats().policies().getFirst().packets();
  }

  @Test
  void a_kill_at_any_moment_leaves_it_counted_once_or_not_at_all() throws Exception {
    Tools.require("tshark");
    Map<Long, String> expected = judged(file);
    Random random = new Random(3);
    for (int round = 0; round < 4; round++) {
      try (RunningProgram running = daemon(captured(file)).start()) {
        running.awaitStderr("ready: ");
        Thread.sleep(random.nextInt(400)); // where it is killed is left to chance
        running.signal("KILL");
        ProgramOutcome _ = running.outcome();
      }
    }
    ProgramOutcome last = daemon(captured(file)).run();
    assertEquals(0, last.exitCode(), last::toString);
    assertEquals(expected, history());
    long all =
        expected.values().stream().mapToLong(sum -> Long.parseLong(sum.split(",", 2)[0])).sum();
    assertEquals(
        all,
        database.number(
            "SELECT packets_matched FROM sdwan_policy_stats ORDER BY timestamp DESC, stat_id DESC"));
  }

  @Test
  void a_kill_between_the_pieces_of_a_long_capture_leaves_each_packet_counted_once()
      throws Exception {
    Path days = folder.resolve("days.pcap");
    try (Captures capture = Captures.create(days)) {
      capture.at(Instant.now().minusSeconds(4 * 86_400).toEpochMilli());
      for (int i = 0; i < DAYS_PACKETS; i++) {
        capture.after(60_000).tcp("10.0.0.1", 40_000, "192.0.2.1", 443, 100);
      }
    }
    String pieces = "SELECT count(*) FROM patronus_captures";
    try (RunningProgram running = daemon(captured(days)).start()) {
      running.awaitStderr("ready: ");
      DaemonUnderTest.await("one piece is counted", () -> database.number(pieces) > 0);
      running.signal("KILL");
      ProgramOutcome _ = running.outcome();
    }
    ProgramOutcome last = daemon(captured(days)).run();
    assertEquals(0, last.exitCode(), last::toString);
    assertTrue(database.number(pieces) > 3, "pieces");
    assertEquals(
        DAYS_PACKETS,
        database.number(
            "SELECT packets_matched FROM sdwan_policy_stats ORDER BY timestamp DESC, stat_id DESC"));
    assertEquals(DAYS_PACKETS, database.number("SELECT sum(packets) FROM patronus_captures"));
    List<String> total =
        patronus(
            "stats",
            "history",
            "--since",
            "5d",
            "--step",
            "1d",
            "-o",
            "csv",
            "--no-headers",
            "--columns",
            "packets_matched");
    assertEquals(DAYS_PACKETS, total.stream().mapToLong(Long::parseLong).sum());
    assertTrue(
        patronus("db", "check", "--fail-on", "error").stream()
            .anyMatch(line -> line.contains("roll-ups      the same as the rows")));
    assertTrue(daemon(captured(days)).run().stderr().contains("counted before"));
  }
}
