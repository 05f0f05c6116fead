package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The statements of the platform's dashboard on a database that the daemon, a shell and exports
/// use, in each schema version: foreign keys on, 5 s busy timeout, the journal mode left alone.
class PlatformReplayIT {
  private static final long VOICE = Long.MIN_VALUE + 1;
  private static final long OFFICE = 7;
  private final long purgedBefore = Instant.now().getEpochSecond() - 30L * 86_400;

  @TempDir private Path folder;

  @BeforeEach
  void needsSqlite() {
    Tools.require("sqlite3");
  }

  private Path file() {
    return folder.resolve("sdwan.db");
  }

  private PlatformDatabase platform() throws SQLException {
    return PlatformDatabase.open(file());
  }

  /// A statement by a process of its own, as the platform opens the database.
  private String sqlite(String sql) {
    String script = "PRAGMA foreign_keys = ON;\n.timeout 5000\n.bail on\n" + sql + ";\n";
    ProgramOutcome outcome = Program.of("sqlite3", file()).input(script).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.stdout().strip();
  }

  private ProgramOutcome patronus(Object... words) {
    Object[] all = new Object[words.length + 4];
    all[0] = "--db";
    all[1] = file();
    all[2] = "--socket";
    all[3] = folder.resolve("patronus.sock");
    System.arraycopy(words, 0, all, 4, words.length);
    ProgramOutcome outcome = Program.patronus(all).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome;
  }

  private void fill(Age age) throws SQLException, IOException {
    try (PlatformDatabase made = PlatformDatabase.create(folder, age)) {
      made.policy(VOICE, "voice", 9, "{\"dst_port_range\":[5060,5061]}")
          .policy(OFFICE, "office", 5, "{\"dst_port_range\":[443,443]}")
          .policy(11, "default", 0, "{}")
          .site("aa", "berlin")
          .site("bb", "oslo")
          .site("cc", "porto")
          .endpoint("aa", "192.0.2.1:51820")
          .endpoint("cc", "192.0.2.3:51820")
          .path(1, "aa", "bb")
          .path(2, "cc", "bb")
          .metric(1, purgedBefore - 100, 10)
          .metric(1, purgedBefore + 86_400, 11);
      if (age != Age.BEFORE_SPRINT_30) {
        made.stat(OFFICE, purgedBefore - 100, 1, 100, 1)
            .run(
                "INSERT INTO sdwan_system_metrics (timestamp, throughput_mbps, packets_per_second,"
                    + " active_flows, avg_latency_ms, avg_packet_loss, cpu_usage, memory_usage)"
                    + " VALUES (?, 61.5, 9000, 339, 14.25, 0.02, 11.5, 40)",
                purgedBefore - 100);
      }
    }
  }

  /// What a dashboard does at its start and every day.
  private void purge(Age age) {
    List<String> tables =
        age == Age.BEFORE_SPRINT_30
            ? List.of("sdwan_policy_stats", "sdwan_path_metrics")
            : List.of("sdwan_policy_stats", "sdwan_path_metrics", "sdwan_system_metrics");
    for (String table : tables) {
      sqlite("DELETE FROM " + table + " WHERE timestamp < " + purgedBefore);
      assertEquals(
          "0", sqlite("SELECT count(*) FROM " + table + " WHERE timestamp < " + purgedBefore));
    }
  }

  private static void deleteSite(PlatformDatabase platform, String id) throws SQLException {
    platform.inOneTransaction(() ->
        platform
            .run("DELETE FROM sdwan_paths WHERE src_site_id = ? OR dst_site_id = ?", id, id)
            .run("DELETE FROM sdwan_endpoints WHERE site_id = ?", id)
            .run("DELETE FROM sdwan_sites WHERE site_id = ?", id));
  }

  private static long packets(DaemonUnderTest daemon, long policyId) throws IOException {
    return daemon.stats().policies().stream()
        .filter(policy -> policy.policyId() == policyId)
        .mapToLong(PolicyTraffic::packets)
        .sum();
  }

  private void awaitSnapshotOf(long policyId) throws Exception {
    try (PlatformDatabase platform = platform()) {
      long before = platform.number("SELECT coalesce(max(stat_id), 0) FROM sdwan_policy_stats");
      DaemonUnderTest.await(
          "a snapshot of " + policyId,
          () ->
              platform.number(
                      "SELECT count(*) FROM sdwan_policy_stats WHERE policy_id = "
                          + policyId
                          + " AND stat_id > "
                          + before)
                  > 0);
    }
  }

  /// Opens, reads and closes the database again and again, as each request to a dashboard does.
  private void openAndClose(AtomicBoolean over) throws SQLException {
    while (!over.get()) {
      try (PlatformDatabase platform = platform()) {
        platform.rows("SELECT count(*) FROM sdwan_policies");
        platform.run("UPDATE sdwan_sites SET last_seen = last_seen + 1 WHERE site_id = 'bb'");
      }
      sqlite("SELECT count(*) FROM sdwan_paths");
    }
  }

  private void export(AtomicBoolean over) {
    for (int run = 0; !over.get(); run++) {
      Path state = folder.resolve("state");
      Path rows = folder.resolve("rows-" + run + ".csv");
      patronus("export", "stats", "--since-last", state, "--file", rows);
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void the_platforms_statements_work_beside_ours_and_ours_beside_them(Age age) throws Exception {
    fill(age);
    int port = DaemonUnderTest.freePort();
    AtomicBoolean over = new AtomicBoolean();
    Program shellProgram =
        Program.patronus("--db", file(), "--socket", folder.resolve("patronus.sock"), "shell", "-");
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, "--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port);
        RunningProgram shell = shellProgram.start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> beside = new ArrayList<>();
      beside.add(
          threads.submit(() -> {
            openAndClose(over);
            return over;
          }));
      beside.add(threads.submit(() -> export(over)));
      try {
        play(age, daemon, sender, shell);
      } finally {
        over.set(true);
      }
      for (Future<?> each : beside) {
        each.get();
      }
      shell.stdin().close();
      assertEquals(0, shell.outcome().exitCode());
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    assertEquals("ok", sqlite("PRAGMA integrity_check"));
    assertEquals("", sqlite("PRAGMA foreign_key_check"));
    assertEquals("delete", sqlite("PRAGMA journal_mode"));
  }

  private void play(Age age, DaemonUnderTest daemon, NetflowV5Sender sender, RunningProgram shell)
      throws Exception {
    long before = daemon.packets();
    long voice = sender.send(0, 5060, 10);
    long office = before + sender.send(100, 443, 20);
    DaemonUnderTest.await("counted", () -> daemon.packets() == voice + office);
    awaitSnapshotOf(VOICE);
    purge(age);
    tell(shell, "stats history --since 1h", "POLICY");

    sqlite("DELETE FROM sdwan_policies WHERE policy_id = " + VOICE);
    awaitSnapshotOf(OFFICE);
    assertEquals("0", sqlite("SELECT count(*) FROM sdwan_policy_stats WHERE policy_id = " + VOICE));
    DaemonUnderTest.await("one less", () -> policies(daemon).equals(List.of(OFFICE, 11L)));
    tell(shell, "policy list", "office");

    try (PlatformDatabase platform = platform()) {
      assertEquals(1, platform.number("SELECT count(*) FROM sdwan_path_metrics"));
      deleteSite(platform, "cc"); // nothing was measured on its path
      SQLException refused = assertThrows(SQLException.class, () -> deleteSite(platform, "aa"));
      assertTrue(refused.getMessage().contains("FOREIGN KEY"), refused::getMessage);
      platform.run("ROLLBACK");
    }
    patronus("site", "delete", "berlin", "--yes");
    assertEquals("oslo", sqlite("SELECT site_name FROM sdwan_sites"));
    patronus("site", "restore", "berlin");
    patronus("db", "migrate", "--guards", "all");
    try (PlatformDatabase platform = platform()) {
      deleteSite(platform, "aa");
      assertEquals(0, platform.number("SELECT count(*) FROM sdwan_path_metrics"));
    }
    patronus("site", "restore", "berlin");
    assertEquals("1", sqlite("SELECT count(*) FROM sdwan_path_metrics"));

    sqlite("DELETE FROM sdwan_policies WHERE policy_id = " + OFFICE);
    DaemonUnderTest.await("it is gone", () -> policies(daemon).equals(List.of(11L)));
    patronus("policy", "restore", "office");
    DaemonUnderTest.await("it is back", () -> packets(daemon, OFFICE) == office);

    patronus("policy", "delete", "office", "--yes");
    assertEquals(List.of(11L), policies(daemon));
    patronus("policy", "restore", "office");
    assertEquals(office, packets(daemon, OFFICE));
    long more = sender.send(100, 443, 5);
    DaemonUnderTest.await("counts on", () -> packets(daemon, OFFICE) == office + more);
    String most = "SELECT max(packets_matched) FROM sdwan_policy_stats WHERE policy_id = ";
    String all = Long.toString(office + more);
    DaemonUnderTest.await("a snapshot has them", () -> sqlite(most + OFFICE).equals(all));
    tell(shell, "stats", "office");
  }

  private static List<Long> policies(DaemonUnderTest daemon) throws Exception {
    return daemon.stats().policies().stream().map(PolicyTraffic::policyId).sorted().toList();
  }

  /// Types a command into the shell and waits for its answer.
  private static void tell(RunningProgram shell, String command, String answer) throws IOException {
    int before = shell.stdoutSoFar().length();
    shell.stdin().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    shell.stdin().flush();
    DaemonUnderTest.Condition answered =
        () -> shell.stdoutSoFar().substring(before).contains(answer);
    try {
      DaemonUnderTest.await("answer to " + command, answered);
    } catch (Exception e) {
      throw new IllegalStateException(shell.stdoutSoFar() + shell.stderrSoFar(), e);
    }
  }
}
