package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.control.answer.SourceAnswer;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several receivers for one address, in the packaged daemon.
class ReceiversIT {
  private static final int SENDERS = 30;

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final String address = "netflow://127.0.0.1:" + port;
  private final List<NetflowV5Sender> senders = new ArrayList<>();
  private PlatformDatabase database;
  private long sent;

  @BeforeEach
  void open() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    for (int i = 0; i < SENDERS; i++) {
      senders.add(new NetflowV5Sender(port));
    }
  }

  @AfterEach
  void close() throws SQLException, IOException {
    database.close();
    for (NetflowV5Sender each : senders) {
      each.close();
    }
  }

  private void configure(String receivers) throws IOException {
    Files.writeString(
        folder.resolve("patronus.conf"),
        "source = " + address + "?receivers=" + receivers + "\nmetrics-listen = off\n");
  }

  private Program patronus(String... words) {
    return Program.patronus((Object[]) words)
        .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
        .env("PATRONUS_STATE_DIR", folder)
        .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
        .env("PATRONUS_TZ", "UTC");
  }

  private Program daemon() {
    return patronus("daemon", "--config", folder.resolve("patronus.conf").toString());
  }

  private DaemonUnderTest start() {
    return DaemonUnderTest.start(daemon(), folder, port);
  }

  /// Has each port send some datagrams, and waits until each flow in them is counted.
  private void sendAndCompare(DaemonUnderTest daemon) throws Exception {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < SENDERS; i++) {
        sent += senders.get(i).send(i * NetflowV5Sender.FLOWS, 443, 1 + round);
      }
    }
    DaemonUnderTest.await(sent + " packets", () -> daemon.packets() >= sent);
    assertEquals(sent, daemon.packets());
    ProgramOutcome stats =
        patronus("stats", "-o", "csv", "--columns", "name,packets_matched").run();
    assertTrue(stats.stdout().contains("web," + sent), stats::toString);
  }

  private static StatusAnswer status(DaemonUnderTest daemon) throws IOException {
    return ((Reply.Document) daemon.ask(new Request.Status())).read(StatusAnswer::read);
  }

  private static List<String> names(DaemonUnderTest daemon) throws IOException {
    return status(daemon).sources().stream().map(SourceAnswer::source).toList();
  }

  @Test
  void what_many_ports_send_is_counted_once_before_and_after_restarts_with_other_numbers()
      throws Exception {
    for (int receivers : new int[] {3, 2, 1, 3}) {
      configure(Integer.toString(receivers));
      try (DaemonUnderTest daemon = start()) {
        sendAndCompare(daemon);
        StatusAnswer status = status(daemon);
        assertEquals(receivers, status.receivers(address).count());
        assertEquals(3 * SENDERS, status.receivedAt(address));
        assertTrue(
            status.sources().stream().allMatch(each -> each.received() > 0 && each.lost() == 0),
            status.sources()::toString);
        daemon.program().signal("TERM");
        assertEquals(0, daemon.program().outcome().exitCode());
      }
    }
  }

  @Test
  void a_reload_starts_and_closes_only_the_receivers_that_come_and_go() throws Exception {
    configure("1");
    try (DaemonUnderTest daemon = start()) {
      sendAndCompare(daemon);
      int reloads = 0;
      for (int receivers : new int[] {3, 2, 1, 2}) {
        configure(Integer.toString(receivers));
        daemon.program().signal("HUP");
        int expected = ++reloads;
        DaemonUnderTest.await(
            "it has reloaded", () -> count(daemon, "reloaded: source 1 active") == expected);
        assertEquals(
            List.of(address, address + "#2", address + "#3").subList(0, receivers), names(daemon));
        sendAndCompare(daemon);
        assertTrue(
            status(daemon).sources().stream().allMatch(each -> each.received() > 0),
            () -> daemon.program().stderrSoFar());
      }
      assertEquals(1, count(daemon, "source " + address + " is open"));
      assertEquals(0, count(daemon, "source " + address + " is closed"));
      assertEquals(2, count(daemon, "source " + address + "#2 is open"));
      assertEquals(1, count(daemon, "source " + address + "#2 is closed"));
      assertEquals(1, count(daemon, "source " + address + "#3 is open"));
      assertEquals(1, count(daemon, "source " + address + "#3 is closed"));
    }
  }

  private static long count(DaemonUnderTest daemon, String text) {
    return daemon.program().stderrSoFar().lines().filter(line -> line.endsWith(text)).count();
  }

  @Test
  void status_and_doctor_know_them_as_one_address() throws Exception {
    configure("2");
    try (DaemonUnderTest daemon = start()) {
      sent += senders.getFirst().send(0, 443, 1);
      DaemonUnderTest.await(sent + " packets", () -> daemon.packets() == sent);
      String status = patronus("status").run().stdout();
      assertTrue(status.contains(address + "#2"), status);
      String doctor = patronus("doctor").run().stdout();
      assertFalse(doctor.contains("nothing has arrived"), doctor);
    }
  }

  @Test
  void a_number_that_makes_no_sense_is_said_with_what_the_option_takes() throws Exception {
    configure("17");
    ProgramOutcome refused = daemon().run();
    assertEquals(2, refused.exitCode(), refused::toString);
    assertTrue(
        refused.stderr().contains(address + ": receivers must be 1..16, was '17'"),
        refused::toString);
  }

  @Test
  void a_second_daemon_is_refused_the_address() throws Exception {
    configure("2");
    try (DaemonUnderTest daemon = start()) {
      Path other = Files.createDirectory(folder.resolve("other"));
      PlatformDatabase.create(other, PlatformDatabase.Age.NEWEST).close();
      Program second =
          daemon()
              .env("PATRONUS_DB_PATH", other.resolve("sdwan.db"))
              .env("PATRONUS_STATE_DIR", other)
              .env("PATRONUS_SOCKET", other.resolve("patronus.sock"));
      try (DaemonUnderTest refused = DaemonUnderTest.start(second, other, port)) {
        refused.program().awaitStderr("cannot listen on " + address);
        refused.program().awaitStderr("cannot listen on " + address + "#2");
        sendAndCompare(daemon);
      }
    }
  }
}
