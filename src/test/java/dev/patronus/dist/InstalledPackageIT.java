package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.Version;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Stream;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.SystemdContainer;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The life of the Debian package on a machine with systemd, in order: installed, fed, upgraded
/// under traffic, rolled back, removed, purged. The version before is the same program with a lower
/// number.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InstalledPackageIT {
  private static final String BEFORE = "0.9.0";

  /// 64 batches of 64 records in the queue, one that is filled and one that is counted, each record
  /// of 3 packets.
  private static final long PACKETS_IN_QUEUE = (64 + 2) * 64 * 3;

  private static final String CONF = "/etc/patronus/patronus.conf";

  @TempDir private static Path folder;
  private static SystemdContainer machine;

  @BeforeAll
  static void make_the_packages_and_a_machine() throws Exception {
    Tools.require("dpkg-deb", "dpkg", "unshare", "nsenter", "systemctl", "deb-systemd-helper");
    Tools.requireRoot();
    Path packages = folder.resolve("packages");
    for (String version : List.of(BEFORE, Version.TEXT)) {
      ProgramOutcome built =
          Program.of(
                  "src/debian/build",
                  "--version",
                  version,
                  "--compression",
                  "none",
                  "--only",
                  "deb",
                  "--into",
                  packages)
              .run();
      assertEquals(0, built.exitCode(), built::toString);
    }
    Path seed = Files.createDirectory(folder.resolve("seed"));
    try (PlatformDatabase database = PlatformDatabase.create(seed, PlatformDatabase.Age.NEWEST)) {
      database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    }
    machine =
        SystemdContainer.openBare(Files.createDirectory(folder.resolve("machine"))).orElse(null);
    Tools.requireKernel(machine != null, "right to start systemd in namespaces");
    machine.sh("systemctl start systemd-journald");
  }

  @AfterAll
  static void close() {
    if (machine != null) {
      machine.close();
    }
  }

  private static ProgramOutcome dpkg(String options, Object what) {
    String line =
        "DEBIAN_FRONTEND=noninteractive dpkg --no-triggers --force-unsafe-io "
            + options
            + " "
            + what;
    ProgramOutcome outcome = machine.run("sh", "-c", line);
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome;
  }

  private static ProgramOutcome install(String version) {
    return dpkg("-i", folder.resolve("packages") + "/patronus_" + version + "_*.deb");
  }

  private static String installedVersion() {
    return machine.sh("dpkg-query -W -f '${Version}' patronus");
  }

  private static String property(String name) {
    return machine.sh("systemctl show patronus --value -p " + name).strip();
  }

  private static long packetsCounted() {
    return machine
        .sh("patronus stats -o csv --no-headers --columns name,packets_matched")
        .lines()
        .filter(line -> line.startsWith("web,"))
        .mapToLong(line -> Long.parseLong(line.substring("web,".length())))
        .sum();
  }

  /// A sender of 200 datagrams a second, until its standard input is closed.
  private static Program stream() {
    String classes = Path.of("target/test-classes").toAbsolutePath().toString();
    return machine.program(
        Path.of(System.getProperty("java.home"), "bin/java"),
        "-cp",
        classes,
        NetflowV5Stream.class.getName(),
        2055,
        443,
        200);
  }

  @Test
  @Order(1)
  void installed_it_has_its_user_its_files_and_no_service_without_a_database() {
    ProgramOutcome outcome = install(BEFORE);
    assertTrue(outcome.stderr().contains("patronus: there is no database yet"), outcome::toString);
    assertEquals("inactive", property("ActiveState"));
    assertEquals("enabled\n", machine.sh("systemctl is-enabled patronus"));
    assertEquals(
        """
        640 root:patronus /etc/patronus/patronus.conf
        750 patronus:patronus /var/lib/patronus
        777 root:root /usr/bin/patronus
        644 root:root /usr/lib/systemd/system/patronus.service
        644 root:root /usr/share/man/man1/patronus.1.gz
        644 root:root /usr/share/bash-completion/completions/patronus
        """,
        machine.sh(
            "stat -c '%a %U:%G %n' /etc/patronus/patronus.conf /var/lib/patronus /usr/bin/patronus"
                + " /usr/lib/systemd/system/patronus.service /usr/share/man/man1/patronus.1.gz"
                + " /usr/share/bash-completion/completions/patronus"));
    assertEquals("", machine.sh("dpkg --verify patronus"));
  }

  @Test
  @Order(2)
  void the_second_line_of_the_guide_starts_a_ready_and_hardened_service() throws Exception {
    String second = "patronus db init && sudo systemctl start patronus";
    assertTrue(Files.readString(Path.of("docs/install.md")).contains("\nsudo " + second + "\n"));
    machine.sh(second.replace("sudo ", ""));
    assertEquals("active", property("ActiveState"));
    assertEquals("ready\n", machine.sh("patronus status --check ready"));
    assertEquals(
        "640 patronus:patronus\n", machine.sh("stat -c '%a %U:%G' /var/lib/patronus/sdwan.db"));
    String[] exposed =
        machine.sh("systemd-analyze security --no-pager patronus.service").strip().split("\n", -1);
    assertTrue(exposed[exposed.length - 1].contains(" OK "), exposed[exposed.length - 1]);
    machine.sh("systemctl stop patronus");
    machine.sh(
        "rm -f /var/lib/patronus/*; install -o patronus -g patronus -m 640 "
            + folder.resolve("seed/sdwan.db")
            + " /var/lib/patronus/sdwan.db; systemctl start patronus");
  }

  /// What the guide writes between backquotes for an exporter, in order.
  private static List<String> guide(String exporter) throws IOException {
    String row =
        Files.readAllLines(Path.of("docs/install.md")).stream()
            .filter(line -> line.startsWith("| " + exporter + " |"))
            .findFirst()
            .orElseThrow();
    return Pattern.compile("`([^`]+)`")
        .matcher(row)
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  /// Packets leave by an interface that softflowd listens on.
  @Test
  @Order(3)
  void softflowd_as_the_guide_sets_it_up_is_counted() throws Exception {
    Tools.require("softflowd", "ip", "bash");
    List<String> steps = guide("softflowd");
    for (String unit : List.of("softflowd.service", "softflowd@.service")) {
      Path copy =
          Files.copy(Path.of("/usr/lib/systemd/system").resolve(unit), folder.resolve(unit));
      machine.sh("cp " + copy + " /lib/systemd/system/");
    }
    machine.sh(
        "systemd-tmpfiles --create softflowd.conf; ip link add eth0 type veth peer name far;"
            + " ip addr add 192.0.2.1/24 dev eth0; ip link set eth0 up; ip link set far up;"
            + " ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0");
    machine.sh("printf '%s\\n' '" + steps.get(1) + "' '" + steps.get(2) + "' >" + steps.get(0));
    machine.sh("systemctl daemon-reload");
    machine.sh(steps.get(3).replace("sudo ", ""));
    DaemonUnderTest.await(
        "softflowd runs",
        () ->
            machine.run("systemctl", "is-active", "softflowd@default").exitCode() == 0
                && machine.run("test", "-S", "/run/softflowd/default.ctl").exitCode() == 0);
    // The kernel hands captured packets over in blocks, which these fill.
    machine.run("bash", "-c", "dd if=/dev/zero bs=1400 count=4000 >/dev/udp/192.0.2.9/9");
    DaemonUnderTest.await(
        "the flow is exported and counted",
        () -> {
          machine.sh("softflowctl -c /run/softflowd/default.ctl expire-all");
          return machine
              .sh("patronus stats flows -o csv --no-headers --columns src_ip,dst_ip")
              .lines()
              .anyMatch("192.0.2.1,192.0.2.9"::equals);
        });
    machine.sh("systemctl stop softflowd@default");
  }

  /// While traffic comes: an upgrade, a rollback, and a restart by hand.
  @Test
  @Order(4)
  void over_an_upgrade_and_a_rollback_under_traffic_every_record_is_counted_once()
      throws Exception {
    machine.sh("echo '# changed by the administrator' >>" + CONF + "; chmod 644 " + CONF);
    ProgramOutcome sent;
    try (RunningProgram sender = stream().start()) {
      DaemonUnderTest.await("traffic", () -> packetsCounted() > 0);
      String before = property("MainPID");
      install(Version.TEXT);
      assertEquals(Version.TEXT, installedVersion());
      assertEquals("active", property("ActiveState"));
      String upgraded = property("MainPID");
      assertNotEquals(before, upgraded);
      install(BEFORE);
      assertEquals(BEFORE, installedVersion());
      String rolledBack = property("MainPID");
      assertNotEquals(upgraded, rolledBack);
      machine.sh("systemctl restart patronus");
      assertNotEquals(rolledBack, property("MainPID"));
      sender.stdin().close();
      sent = sender.outcome();
    }
    long all = Long.parseLong(sent.stdout().strip());
    DaemonUnderTest.await("as many as were sent", () -> packetsCounted() >= all);
    assertEquals(all, packetsCounted());
    assertEquals(
        "644 root:patronus\n", machine.sh("stat -c '%a %U:%G' " + CONF), "its mode was changed");
    assertTrue(machine.sh("cat " + CONF).contains("changed by the administrator"));
  }

  /// What the daemon has read and not counted yet is lost: what its queue holds. All that was shown
  /// stays, and all that comes until systemd has started it again is counted.
  @Test
  @Order(5)
  void killed_under_traffic_it_loses_no_more_than_its_queue_holds() throws Exception {
    long counted = packetsCounted();
    ProgramOutcome sent;
    try (RunningProgram sender = stream().start()) {
      DaemonUnderTest.await("traffic", () -> packetsCounted() > counted);
      String before = property("MainPID");
      long shown = packetsCounted();
      machine.sh("kill -KILL " + before);
      DaemonUnderTest.await(
          "another process counts",
          () ->
              !property("MainPID").equals(before)
                  && machine.run("patronus", "status", "--check", "ready").exitCode() == 0);
      assertTrue(packetsCounted() >= shown, "less than was shown");
      sender.stdin().close();
      sent = sender.outcome();
    }
    long all = counted + Long.parseLong(sent.stdout().strip());
    DaemonUnderTest.await(
        "all but what the queue held", () -> packetsCounted() >= all - PACKETS_IN_QUEUE);
    assertTrue(packetsCounted() <= all, "more than was sent");
  }

  @Test
  @Order(6)
  void a_service_that_was_stopped_or_disabled_stays_so_over_an_upgrade() {
    machine.sh("systemctl stop patronus; systemctl disable patronus 2>&1");
    install(Version.TEXT);
    assertEquals("inactive", property("ActiveState"));
    assertEquals(1, machine.run("systemctl", "is-enabled", "patronus").exitCode());
    machine.sh("systemctl enable patronus 2>&1; systemctl start patronus");
  }

  @Test
  @Order(7)
  void removed_it_leaves_configuration_and_data_and_purged_the_database_alone() {
    long before = packetsCounted();
    dpkg("-r", "patronus");
    assertEquals("inactive", property("ActiveState"));
    assertEquals("not-found", property("LoadState"));
    assertFalse(machine.run("test", "-e", "/usr/lib/patronus").exitCode() == 0);
    assertEquals(0, machine.run("test", "-f", CONF).exitCode());
    assertEquals(
        before + "\n",
        machine.sh(
            "sqlite3 /var/lib/patronus/sdwan.db \"SELECT packets_matched FROM"
                + " sdwan_policy_stats ORDER BY timestamp DESC LIMIT 1\""));

    ProgramOutcome purged = dpkg("--purge", "patronus");
    assertTrue(
        purged
            .stderr()
            .contains(
                "patronus: left are /var/lib/patronus with the database and what else is in it, and"
                    + " the user and group patronus."),
        purged::toString);
    assertEquals("sdwan.db\n", machine.sh("ls -A /var/lib/patronus | grep -v -e -wal -e -shm"));
    assertEquals(
        "/var/lib/patronus\n",
        machine.sh(
            "find /etc /usr /var /run -xdev -name '*patronus*' -not -path '/var/log/*'"
                + " -not -path '/var/lib/patronus/*' -not -path '"
                + folder
                + "/*' | sort"));
  }
}
