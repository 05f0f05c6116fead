package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.SystemdContainer;
import dev.patronus.testing.Tools;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The shipped unit under a real systemd, with all that it shuts the daemon off from.
class SystemdIT {
  private static final String PATRONUS = "/opt/patronus/bin/patronus";

  @TempDir private static Path folder;
  private static SystemdContainer house;

  @BeforeAll
  static void openHouse() throws Exception {
    Tools.require("unshare", "nsenter", "systemctl");
    Tools.requireRoot();
    house = SystemdContainer.open(folder).orElse(null);
    Tools.requireKernel(house != null, "right to start systemd in namespaces");
    Path seed = Files.createDirectory(folder.resolve("seed"));
    try (PlatformDatabase database = PlatformDatabase.create(seed, PlatformDatabase.Age.NEWEST)) {
      database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    }
    Files.write(folder.resolve("v5"), flows());
    house.sh("systemctl start systemd-journald");
  }

  @AfterAll
  static void closeHouse() {
    if (house != null) {
      house.close();
    }
  }

  @BeforeEach
  void install() {
    house.sh(
        "rm -rf /var/lib/patronus && install -d -o patronus -g patronus /var/lib/patronus"
            + " && install -o patronus -g patronus -m 640 "
            + folder.resolve("seed/sdwan.db")
            + " /var/lib/patronus/sdwan.db");
    configure("source = netflow://127.0.0.1:2055");
  }

  @AfterEach
  void stop() {
    house.run("systemctl", "stop", "patronus");
    house.run("systemctl", "reset-failed", "patronus");
    house.run("rm", "-rf", folder.resolve("units/patronus.service.d"));
    house.run("systemctl", "daemon-reload");
  }

  private static void configure(String... lines) {
    house.sh("printf '%s\\n' '" + String.join("' '", lines) + "' >/etc/patronus/patronus.conf");
  }

  /// One NetFlow v5 datagram of 7 packets of 100 bytes to port 443.
  private static byte[] flows() {
    ByteBuffer v5 = ByteBuffer.allocate(72);
    v5.putShort((short) 5).putShort((short) 1).putInt(3_600_000);
    v5.putInt((int) (System.currentTimeMillis() / 1000)).putInt(0).putInt(0).putInt(0);
    v5.putInt(0x0a000001).putInt(0x0a000002).putInt(0).putInt(0).putInt(7).putInt(700);
    v5.putInt(3_599_000).putInt(3_600_000).putShort((short) 1).putShort((short) 443);
    v5.put((byte) 0).put((byte) 0).put((byte) 6).put((byte) 0).putInt(0).putInt(0);
    return v5.array();
  }

  private static void send() {
    ProgramOutcome sent =
        house.run("bash", "-c", "cat " + folder.resolve("v5") + " >/dev/udp/127.0.0.1/2055");
    assertEquals(0, sent.exitCode(), sent.toString());
  }

  private static String property(String name) {
    return house.sh("systemctl show patronus --value -p " + name).strip();
  }

  private static String packets() {
    return house.sh(PATRONUS + " stats -o csv --columns name,packets_matched").replace("\r", "");
  }

  private static String journal(String more) {
    return house.sh("journalctl --sync; journalctl -u patronus --no-pager -o cat " + more);
  }

  private static void awaitPackets(long packets) throws Exception {
    DaemonUnderTest.await(packets + " packets", () -> packets().contains("web," + packets + "\n"));
  }

  @Test
  void when_the_start_returns_it_is_ready_and_counts_what_comes() throws Exception {
    house.sh("systemctl start patronus");
    assertEquals("active", property("ActiveState"));
    assertTrue(property("StatusText").startsWith("1 policy, "), property("StatusText"));
    assertEquals("ready\n", house.sh(PATRONUS + " status --check ready"));
    send();
    awaitPackets(7);
    assertTrue(house.sh(PATRONUS + " doctor").contains("Every step from packet to disk works."));
  }

  @Test
  void who_is_in_its_group_may_ask_and_others_may_not() {
    house.sh("systemctl start patronus");
    assertEquals(
        "750 patronus:patronus\n660 patronus:patronus\n",
        house.sh("stat -c '%a %U:%G' /run/patronus /run/patronus/patronus.sock"));
    String asking = "setpriv --reuid 65534 --regid 65534 --groups ";
    assertEquals("live\n", house.sh(asking + "990 " + PATRONUS + " status --check live"));
    ProgramOutcome stranger =
        house.run("sh", "-c", asking + "65534 " + PATRONUS + " status --check live");
    assertEquals(6, stranger.exitCode(), stranger.toString());
    assertTrue(
        stranger.stderr().contains("as a member of the socket's group"), stranger.toString());
  }

  @Test
  void a_reload_reads_the_configuration_again() throws Exception {
    house.sh("systemctl start patronus");
    send();
    awaitPackets(7);
    configure("source = netflow://127.0.0.1:2055", "snapshot-every = 7s");
    house.sh("systemctl reload patronus");
    DaemonUnderTest.await("it says so", () -> journal("").contains("reloaded: snapshot-every 7s"));
    DaemonUnderTest.await("it is running", () -> property("SubState").equals("running"));
    awaitPackets(7);
    assertEquals("0", property("NRestarts"));
  }

  @Test
  void a_stop_saves_a_last_snapshot_and_is_a_success() throws Exception {
    house.sh("systemctl start patronus");
    send();
    awaitPackets(7);
    house.sh("systemctl stop patronus");
    assertEquals("success", property("Result"));
    assertEquals("0", property("ExecMainStatus"));
    assertTrue(house.sh(PATRONUS + " stats").contains("Snapshot of "));
    awaitPackets(7);
  }

  @Test
  void killed_it_comes_again_and_goes_on_where_it_was() throws Exception {
    house.sh("systemctl start patronus");
    send();
    awaitPackets(7);
    house.sh("kill -9 " + property("MainPID"));
    DaemonUnderTest.await("it was started again", () -> property("NRestarts").equals("1"));
    DaemonUnderTest.await("it is active", () -> property("ActiveState").equals("active"));
    awaitPackets(7);
    send();
    awaitPackets(14);
  }

  /// The inodes of the sockets at 127.0.0.1:2055.
  private static Set<String> sockets() {
    return house
        .sh("cat /proc/net/udp")
        .lines()
        .filter(line -> line.contains(" 0100007F:0807 "))
        .map(line -> line.strip().split("\\s+", -1)[9])
        .collect(Collectors.toSet());
  }

  /// From that many ports.
  private static void send(int times) {
    house.sh(
        "for i in $(seq "
            + times
            + "); do bash -c 'cat "
            + folder.resolve("v5")
            + " >/dev/udp/127.0.0.1/2055'; done");
  }

  private static void receivers(int count) {
    configure("source = netflow://127.0.0.1:2055?receivers=" + count);
  }

  @Test
  void each_receiver_has_its_socket_again_after_a_restart_and_none_stays_that_nobody_reads()
      throws Exception {
    receivers(3);
    house.sh("systemctl start patronus");
    Set<String> before = sockets();
    assertEquals(3, before.size());
    send(20);
    awaitPackets(140);
    house.sh("systemctl restart patronus");
    assertEquals(before, sockets());
    send(20);
    awaitPackets(280);

    receivers(1);
    house.sh("systemctl restart patronus");
    DaemonUnderTest.await("one socket is left", () -> sockets().size() == 1);
    send(20);
    awaitPackets(420);

    receivers(2);
    house.sh("systemctl reload patronus");
    DaemonUnderTest.await("there are two", () -> sockets().size() == 2);
    send(20);
    awaitPackets(560);
    receivers(1);
    house.sh("systemctl reload patronus");
    DaemonUnderTest.await("there is one", () -> sockets().size() == 1);
    send(20);
    awaitPackets(700);
  }

  @Test
  void the_sockets_of_a_socket_unit_are_those_of_the_receivers() throws Exception {
    receivers(2);
    Path unit = folder.resolve("units/patronus.socket");
    Files.writeString(
        unit,
        """
        [Socket]
        ListenDatagram=127.0.0.1:2055
        ListenDatagram=127.0.0.1:2055
        ReusePort=yes
        """);
    try {
      house.sh("systemctl daemon-reload && systemctl start patronus.socket");
      Set<String> bound = sockets();
      assertEquals(2, bound.size());
      house.sh("systemctl start patronus");
      assertEquals(bound, sockets());
      send(20);
      awaitPackets(140);

      receivers(1);
      house.sh("systemctl restart patronus");
      DaemonUnderTest.await(
          "it says so", () -> journal("").contains("more sockets at 127.0.0.1 port 2055 than"));
    } finally {
      house.run("systemctl", "stop", "patronus.service", "patronus.socket");
      Files.delete(unit);
    }
  }

  @Test
  void a_mistake_in_the_configuration_is_an_error_in_the_journal_and_no_reason_to_try_again()
      throws Exception {
    configure("source = netflow://127.0.0.1:2055", "flow-timeout = soon");
    assertEquals(1, house.run("systemctl", "start", "patronus").exitCode());
    assertEquals("failed", property("ActiveState"));
    assertEquals("2", property("ExecMainStatus"));
    DaemonUnderTest.await(
        "it is said", () -> journal("-p err").contains("(/etc/patronus/patronus.conf line 2)"));
  }

  @Test
  void the_watchdog_is_fed_while_snapshots_succeed_and_only_then() throws Exception {
    configure("source = netflow://127.0.0.1:2055", "snapshot-every = 1s");
    Path dropIn = Files.createDirectories(folder.resolve("units/patronus.service.d"));
    Files.writeString(dropIn.resolve("watchdog.conf"), "[Service]\nWatchdogSec=12\n");
    house.sh("systemctl daemon-reload");
    house.sh("systemctl start patronus");
    String began = property("WatchdogTimestampMonotonic");
    DaemonUnderTest.await("it is fed", () -> !property("WatchdogTimestampMonotonic").equals(began));
    house.sh(
        "cp /var/lib/patronus/sdwan.db /run/copy && rm /var/lib/patronus/sdwan.db"
            + " && mkdir /var/lib/patronus/sdwan.db");
    DaemonUnderTest.await("it is ended", () -> !property("NRestarts").equals("0"));
    String log = journal("");
    assertEquals(1, log.lines().filter(line -> line.contains("cannot save")).count(), log);
  }

  @Test
  void the_kernels_accounting_can_be_read_from_inside() throws Exception {
    ProgramOutcome on = house.run("sysctl", "-qw", "net.netfilter.nf_conntrack_acct=1");
    Tools.requireKernel(on.exitCode() == 0, "connection tracking");
    configure("source = conntrack:");
    house.sh("systemctl start patronus");
    String sources = house.sh(PATRONUS + " status").replaceAll("(?s).*Sources\n", "");
    assertTrue(sources.contains("conntrack:  running"), sources);
  }

  @Test
  void systemd_finds_no_fault_in_the_unit_and_little_that_it_is_exposed_to() {
    ProgramOutcome verified =
        house.run(
            "systemd-analyze", "verify", "--man=no", folder.resolve("units/patronus.service"));
    assertEquals("", verified.stderr());
    String[] last =
        house.sh("systemd-analyze security --no-pager patronus.service").strip().split("\n", -1);
    assertTrue(last[last.length - 1].contains(" OK "), last[last.length - 1]);
  }
}
