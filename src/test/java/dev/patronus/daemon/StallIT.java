package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What others do to the daemon so that it would hang: it counts on, or ends and says why.
class StallIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private static String status(DaemonUnderTest daemon) throws IOException {
    return daemon.ask(new dev.patronus.control.Request.Status()).line();
  }

  private long snapshots() throws SQLException {
    return database.number("SELECT count(*) FROM sdwan_policy_stats");
  }

  private void awaitSnapshots(long more) throws Exception {
    long before = snapshots();
    DaemonUnderTest.await("snapshots go on", () -> snapshots() >= before + more);
  }

  private Path fifo() {
    Path fifo = folder.resolve("capture.fifo");
    assertEquals(0, Program.of("mkfifo", fifo).run().exitCode());
    return fifo;
  }

  @Test
  void a_policy_name_of_150_megabytes_ends_neither_counting_nor_snapshots() throws Exception {
    Program program =
        DaemonUnderTest.program(folder, port, "--snapshot-every", "1s")
            .env("PATRONUS_JAVA_OPTS", "-Xmx64m");
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      database.run("UPDATE sdwan_policies SET name = replace(hex(zeroblob(75000000)), '0', 'x')");
      daemon.program().awaitStderr("policy '(policy 7)' matches nothing: name has 150000000 bytes");
      long sent = sender.send(0, 443, 1);
      DaemonUnderTest.await("they are counted", () -> daemon.packets() == sent);
      awaitSnapshots(2);
      assertTrue(status(daemon).contains("\"ready\":true"), status(daemon));
    }
  }

  @Test
  void a_daemon_without_memory_ends_and_says_so() throws Exception {
    for (int i = 0; i < 64; i++) {
      database.policy(100 + i, "p" + i, i, " ".repeat(1_000_000) + "{}");
    }
    Program program = DaemonUnderTest.program(folder, port).env("PATRONUS_JAVA_OPTS", "-Xmx24m");
    ProgramOutcome outcome = program.run();
    assertTrue(outcome.exitCode() == 3 || outcome.exitCode() == 1, outcome::toString);
    assertTrue(outcome.stderr().contains("OutOfMemoryError"), outcome::toString);
  }

  @Test
  void a_pipe_that_is_gone_keeps_neither_a_reload_nor_the_last_snapshot_from_being_done()
      throws Exception {
    Path fifo = fifo();
    Path config = folder.resolve("patronus.conf");
    String own = "metrics-listen = off\nsource = netflow://127.0.0.1:" + port + "\n";
    Files.writeString(config, own + "source = pcap:" + fifo + "\n");
    Program program =
        Program.patronus(
            "daemon",
            "--config",
            config,
            "--db",
            database.file(),
            "--state-dir",
            folder,
            "--socket",
            folder.resolve("patronus.sock"));
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 1);
      DaemonUnderTest.await("they are counted", () -> daemon.packets() == sent);
      Files.delete(fifo);
      Files.writeString(config, own);
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("reloaded: source 1 active");
      Files.writeString(config, own + "snapshot-every = 7m\n");
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("reloaded: snapshot-every 7m");
      Files.writeString(config, own + "source = pcap:" + fifo() + "\n");
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("source 2 active");
      Files.delete(fifo);
      daemon.program().signal("TERM");
      ProgramOutcome outcome = daemon.program().outcome();
      assertEquals(0, outcome.exitCode(), outcome::toString);
      assertTrue(outcome.stderr().contains("stopped after a last snapshot"), outcome::toString);
    }
  }

  @Test
  void a_notify_socket_that_nobody_reads_stops_neither_snapshots_nor_term() throws Exception {
    Tools.require("python3");
    Path notify = folder.resolve("notify.sock");
    String binding =
        """
        import socket,sys,time
        s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)
        s.bind(sys.argv[1])
        t=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)
        t.setblocking(False)
        t.connect(sys.argv[1])
        try:
          while True: t.send(b'full')
        except BlockingIOError: print('full',flush=True)
        sys.stdin.read()
        """;
    try (var unread = Program.of("python3", "-c", binding, notify).start()) {
      unread.awaitStdout("full");
      Program program =
          DaemonUnderTest.program(folder, port, "--snapshot-every", "1s")
              .env("NOTIFY_SOCKET", notify)
              .env("WATCHDOG_USEC", 2_000_000);
      try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port)) {
        daemon.program().awaitStderr("cannot notify the service manager");
        awaitSnapshots(2);
        daemon.program().signal("TERM");
        ProgramOutcome outcome = daemon.program().outcome();
        assertEquals(0, outcome.exitCode(), outcome::toString);
      }
    }
  }

  @Test
  void a_control_socket_that_was_swept_away_is_bound_again() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      Files.delete(folder.resolve("patronus.sock"));
      daemon.program().awaitStderr("the control socket was created there again");
      assertTrue(status(daemon).contains("\"live\":true"));
    }
  }

  @Test
  void a_check_beside_a_running_daemon_knows_that_the_addresses_are_its_own() throws Exception {
    int page = DaemonUnderTest.freeTcpPort();
    Program program =
        DaemonUnderTest.program(folder, port).env("PATRONUS_METRICS_LISTEN", "127.0.0.1:" + page);
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port)) {
      daemon.program().awaitStderr("metrics at ");
      ProgramOutcome checked =
          DaemonUnderTest.program(folder, port, "--check")
              .env("PATRONUS_METRICS_LISTEN", "127.0.0.1:" + page)
              .run();
      assertEquals(0, checked.exitCode(), checked::toString);
      assertTrue(
          checked.stdout().contains("process " + daemon.program().pid() + " is running"),
          checked::toString);
    }
  }
}
