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
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One fault at a time, made for real, and what the doctor says of it.
class DoctorIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(1, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private ProgramOutcome doctor(String... more) {
    return doctor(folder, more);
  }

  private static ProgramOutcome doctor(Path folder, String... more) {
    List<Object> words = new java.util.ArrayList<>(List.of("doctor"));
    words.addAll(List.of(more));
    return Program.patronus(words.toArray())
        .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
        .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
        .run();
  }

  /// The first fault that the doctor names, at whatever severity.
  private static String fault(ProgramOutcome outcome) {
    JsonNode answer = JsonMapper.shared().readTree(outcome.stdout());
    for (JsonNode finding : answer.get("findings")) {
      if (!finding.get("state").asString().equals("ok")) {
        assertTrue(finding.get("next").asString().length() > 10, outcome.toString());
        return finding.get("fault").asString();
      }
    }
    return "none";
  }

  private String fault() {
    return fault(doctor("--json"));
  }

  private void send(long count, int to) throws IOException {
    try (NetflowV5Sender sender = new NetflowV5Sender(to)) {
      for (int i = 0; i < count; i++) {
        sender.send(0, 443, 1);
      }
    }
  }

  private static void send(ByteBuffer datagram, int to) throws IOException {
    byte[] bytes = new byte[datagram.position()];
    datagram.flip().get(bytes);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), to));
    }
  }

  @Test
  void with_nothing_wrong_it_says_so() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      send(1, port);
      DaemonUnderTest.await("it is counted", () -> daemon.packets() == 30);
      ProgramOutcome healthy = doctor();
      assertEquals(0, healthy.exitCode(), healthy.toString());
      assertTrue(healthy.stdout().contains("Every step from packet to disk works."));
      assertEquals("none", fault());
    }
  }

  @Test
  void nothing_arriving() throws Exception {
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, port)) {
      ProgramOutcome outcome = doctor("--json");
      assertEquals("nothing_arriving", fault(outcome));
      assertEquals(1, outcome.exitCode());
    }
  }

  @Test
  void wrong_port() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    int wrong = DaemonUnderTest.freePort();
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, port)) {
      Thread exporter =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 600 && !over.get(); i++) {
                  try {
                    send(1, wrong);
                    Thread.sleep(100);
                  } catch (IOException _) {
                    // the kernel says that nobody listens there, which is the point
                  } catch (InterruptedException _) {
                    return;
                  }
                }
              });
      assertEquals("wrong_port", fault());
      over.set(true);
      exporter.join();
    }
  }

  @Test
  void templates_missing() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      ByteBuffer v9 = ByteBuffer.allocate(100);
      v9.putShort((short) 9).putShort((short) 1).putInt(1000);
      v9.putInt((int) (System.currentTimeMillis() / 1000)).putInt(1).putInt(7);
      v9.putShort((short) 300).putShort((short) 24).put(new byte[20]);
      send(v9, port);
      DaemonUnderTest.await("it has come", () -> daemonHasReceived(daemon));
      assertEquals("templates_missing", fault());
      ProgramOutcome templates =
          Program.patronus("status", "--templates")
              .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
              .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
              .run();
      assertTrue(templates.stdout().matches("(?s).* 7 +300  missing .*"), templates.toString());
    }
  }

  private static boolean daemonHasReceived(DaemonUnderTest daemon) throws IOException {
    return daemon.ask(new dev.patronus.control.Request.Status()).line().contains("\"datagrams\":1");
  }

  @Test
  void invalid_rule() throws Exception {
    database.policy(2, "broken", 50, "{\"dst_port_range\":[443,80]}");
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      send(1, port);
      DaemonUnderTest.await("it is counted", () -> daemon.packets() == 30);
      assertEquals("invalid_rule", fault());
    }
  }

  @Test
  void accounting_off() throws Exception {
    Tools.require("ip");
    String name = "pdoc" + ProcessHandle.current().pid();
    Tools.requireRoot();
    Tools.requireKernel(
        Program.of("ip", "netns", "add", name).run().exitCode() == 0,
        "right to make network namespaces");
    try {
      Program.of("ip", "-n", name, "link", "set", "lo", "up").run();
      Program.of("ip", "netns", "exec", name, "sysctl", "-w", "net.netfilter.nf_conntrack_acct=0")
          .run();
      Program inside =
          Program.of(
              "ip",
              "netns",
              "exec",
              name,
              Program.home().resolve("bin/patronus"),
              "daemon",
              "--db",
              folder.resolve("sdwan.db"),
              "--source",
              "conntrack:",
              "--state-dir",
              folder,
              "--socket",
              folder.resolve("patronus.sock"),
              "--metrics-listen",
              "off");
      try (DaemonUnderTest _ = DaemonUnderTest.start(inside, folder, port)) {
        String fault = fault();
        Tools.requireKernel(!fault.equals("conntrack_missing"), "connection tracking");
        assertEquals("accounting_off", fault);
      }
    } finally {
      Program.of("ip", "netns", "delete", name).run();
    }
  }

  @Test
  void database_locked() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      send(1, port);
      DaemonUnderTest.await("it is counted", () -> daemon.packets() == 30);
      database.run("BEGIN IMMEDIATE");
      assertEquals("database_locked", fault());
      String said = doctor().stdout();
      assertTrue(said.contains("'fuser -v " + folder.resolve("sdwan.db") + "'"), said);
      database.run("ROLLBACK");
    }
  }

  @Test
  void disk_full() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    Tools.requireRoot();
    ProgramOutcome mounted =
        Program.of("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small).run();
    Tools.requireKernel(mounted.exitCode() == 0, "right to mount a small disk");
    try {
      PlatformDatabase.create(small, PlatformDatabase.Age.NEWEST).close();
      try (DaemonUnderTest daemon = DaemonUnderTest.start(small, port, "--snapshot-every", "1s")) {
        send(1, port);
        DaemonUnderTest.await("it is counted", () -> daemon.packets() == 30);
        Files.write(small.resolve("ballast"), new byte[1 << 20]);
        assertEquals("disk_full", fault(doctor(small, "--json")));
      }
    } finally {
      Program.of("umount", small).run();
    }
  }

  @Test
  void clock_skew_of_an_exporter() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      ByteBuffer v5 = ByteBuffer.allocate(72);
      v5.putShort((short) 5).putShort((short) 1).putInt(3_600_000);
      v5.putInt((int) (System.currentTimeMillis() / 1000) - 7200).putInt(0).putInt(0).putInt(0);
      v5.putInt(0x0a000001).putInt(0x0a000002).putInt(0).putInt(0).putInt(1).putInt(100);
      v5.putInt(3_599_000).putInt(3_600_000).putShort((short) 1).putShort((short) 443);
      v5.put((byte) 0).put((byte) 0).put((byte) 6).put((byte) 0).putInt(0).putInt(0);
      send(v5, port);
      DaemonUnderTest.await("it is counted", () -> daemon.packets() == 1);
      assertEquals("clock_skew", fault());
    }
  }

  @Test
  void sampling_unknown() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      ByteBuffer v9 = ByteBuffer.allocate(200);
      v9.putShort((short) 9).putShort((short) 2).putInt(3_600_000);
      v9.putInt((int) (System.currentTimeMillis() / 1000)).putInt(0).putInt(7);
      int[][] fields = {{8, 4}, {12, 4}, {1, 4}, {2, 4}, {4, 1}, {48, 1}, {7, 2}, {11, 2}};
      v9.putShort((short) 0).putShort((short) (8 + fields.length * 4));
      v9.putShort((short) 300).putShort((short) fields.length);
      for (int[] field : fields) {
        v9.putShort((short) field[0]).putShort((short) field[1]);
      }
      v9.putShort((short) 300).putShort((short) 28);
      v9.putInt(0x0a000001).putInt(0x0a000002).putInt(150).putInt(1);
      v9.put((byte) 6)
          .put((byte) 3)
          .putShort((short) 1000)
          .putShort((short) 443)
          .putShort((short) 0);
      send(v9, port);
      DaemonUnderTest.await("it is counted", () -> daemon.packets() == 1);
      assertEquals("sampling_unknown", fault());
    }
  }

  @Test
  void exporter_not_allowed() throws Exception {
    try (DaemonUnderTest daemon =
        DaemonUnderTest.start(folder, port, "--allow-exporter", "192.0.2.0/24")) {
      send(1, port);
      DaemonUnderTest.await("it is refused", () -> strangers(daemon, "exporter_not_allowed"));
      assertEquals("exporter_not_allowed", fault());
    }
  }

  @Test
  void no_flow_export() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      send(ByteBuffer.allocate(100).putInt(5).put(new byte[60]), port); // as sFlow begins
      DaemonUnderTest.await("it is refused", () -> strangers(daemon, "unknown_version"));
      assertEquals("no_flow_export", fault());
    }
  }

  private static boolean strangers(DaemonUnderTest daemon, String reason) throws IOException {
    return daemon
        .ask(new dev.patronus.control.Request.Status())
        .line()
        .contains("\"" + reason + "\":1");
  }

  @Test
  void daemon_down() {
    ProgramOutcome outcome = doctor("--json");
    assertEquals("daemon_down", fault(outcome));
    assertEquals(1, outcome.exitCode());
    assertTrue(doctor().stdout().contains("systemctl start patronus"));
  }
}
