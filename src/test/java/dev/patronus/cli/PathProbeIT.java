package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Gateway;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Echo requests of ICMP over a real gateway, with and without rights.
class PathProbeIT {
  private static final String ALL_GROUPS = "0 2147483647";
  private static final String NO_GROUP = "1 0";
  private static final String NOBODY = "65534";

  @TempDir private Path folder;
  private Path database;
  private Gateway gateway;

  @BeforeEach
  void build() throws Exception {
    Gateway.require();
    Tools.require("nft", "setpriv", "tcpdump", "ping");
    gateway = Gateway.build();
    try (PlatformDatabase made = PlatformDatabase.create(folder, Age.NEWEST)) {
      made.site("aa", "west").site("bb", "east").path(4, "aa", "bb").path(6, "aa", "bb");
      made.run(
          "UPDATE sdwan_paths SET src_endpoint = ?, dst_endpoint = ? WHERE path_id = 4",
          Gateway.WEST + ":51820",
          Gateway.EAST + ":51820");
      made.run(
          "UPDATE sdwan_paths SET src_endpoint = ?, dst_endpoint = ? WHERE path_id = 6",
          "[" + Gateway.WEST6 + "]:51820",
          "[" + Gateway.EAST6 + "]:51820");
      database = made.file();
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));
  }

  @AfterEach
  void remove() {
    if (gateway != null) {
      gateway.close();
    }
  }

  private void allow(String groups) {
    gateway.west().shell("echo '" + groups + "' > /proc/sys/net/ipv4/ping_group_range");
  }

  private Program probe(String words) {
    List<Object> all = new ArrayList<>(List.of(Program.home().resolve("bin/patronus")));
    all.addAll(List.of(("path probe " + words).split(" ", -1)));
    return gateway.west().program(all.toArray()).env("PATRONUS_DB_PATH", database);
  }

  private Program asNobody(String words) {
    List<Object> all = new ArrayList<>(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY));
    all.addAll(List.of("--clear-groups", "--inh-caps=-all", "--bounding-set=-all"));
    all.add(Program.home().resolve("bin/patronus"));
    all.addAll(List.of(("path probe " + words).split(" ", -1)));
    return gateway.west().program(all.toArray()).env("PATRONUS_DB_PATH", database);
  }

  private static JsonNode result(ProgramOutcome outcome) throws Exception {
    return Printed.document(outcome.stdout()).get("probe");
  }

  private static void assertNoneLost(ProgramOutcome outcome) throws Exception {
    assertEquals(0, outcome.exitCode(), outcome::toString);
    JsonNode probe = result(outcome);
    assertEquals(5, probe.get("received").asInt(), outcome::toString);
    assertEquals(0.0, probe.get("packet_loss_pct").asDouble());
    assertEquals("icmp", probe.get("method").asString());
  }

  @ParameterizedTest
  @CsvSource({"4, " + Gateway.WEST, "6, " + Gateway.WEST6})
  void a_user_without_rights_measures_where_the_kernel_allows_it(String path, String source)
      throws Exception {
    allow(ALL_GROUPS);
    ProgramOutcome outcome = asNobody(path + " -c 5 --json").run();
    assertNoneLost(outcome);
    assertEquals(source, result(outcome).get("source").asString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "6"})
  void root_measures_with_a_raw_socket_where_it_does_not(String path) throws Exception {
    allow(NO_GROUP);
    assertNoneLost(probe(path + " -c 5 --json").run());
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "6"})
  void a_user_without_rights_is_told_what_is_missing(String path) {
    allow(NO_GROUP);
    ProgramOutcome outcome = asNobody(path).run();
    assertEquals(
        "patronus: ICMP is not permitted for this user: net.ipv4.ping_group_range leaves out"
            + " their group, and CAP_NET_RAW is missing; use sudo, or --udp\n",
        outcome.stderr());
    assertEquals(5, outcome.exitCode());
  }

  @Test
  void every_other_request_that_a_router_drops_is_half_of_them() throws Exception {
    gateway
        .middle()
        .shell(
            "nft add table ip t; nft add chain ip t f '{ type filter hook forward priority 0; }';"
                + " nft add rule ip t f icmp type echo-request icmp sequence and 1 == 1 drop");
    ProgramOutcome outcome = probe("4 -c 10 -W 1 --json").run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals(10, result(outcome).get("sent").asInt());
    assertEquals(5, result(outcome).get("received").asInt(), outcome::toString);
    assertEquals(50.0, result(outcome).get("packet_loss_pct").asDouble());
  }

  @Test
  void a_host_that_a_router_cannot_reach_is_said_to_be_so() {
    gateway.middle().shell("ip route add unreachable " + Gateway.EAST + "/32");
    ProgramOutcome outcome = probe("4 -c 2 -W 1").run();
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertTrue(
        outcome.stdout().endsWith("\n10.77.2.1 does not answer (No route to host).\n"),
        outcome::toString);
  }

  @ParameterizedTest
  @CsvSource({"4, ip route del default, 10.77.2.1", "6, ip -6 route del default, fd77:2::1"})
  void an_address_without_a_route_is_said_to_have_none(String path, String line, String host)
      throws Exception {
    gateway.west().shell(line);
    ProgramOutcome outcome = probe(path).run();
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertTrue(
        outcome
            .stdout()
            .endsWith("\nThere is no route to " + host + " (Network is unreachable).\n"),
        outcome::toString);
  }

  @Test
  void ctrl_c_shows_what_was_measured() throws Exception {
    try (RunningProgram arriving =
        gateway
            .east()
            .program("tcpdump", "-ni", "uplink", "-c", "5", "icmp[icmptype] == icmp-echo")
            .start()) {
      arriving.awaitStderr("listening on");
      try (RunningProgram running = probe("4 -c 10000 -i 50ms --json --save").start()) {
        arriving.outcome();
        running.signal("INT");
        ProgramOutcome outcome = running.outcome();
        assertEquals(130, outcome.exitCode(), outcome::toString);
        JsonNode document = Printed.document(outcome.stdout());
        int received = document.get("probe").get("received").asInt();
        assertTrue(received >= 4 && received < 10_000, outcome::toString);
        assertEquals(received, document.get("probe").get("sent").asInt());
        assertTrue(document.get("interrupted").asBoolean());
        assertEquals(false, document.get("saved").asBoolean());
      }
    }
  }
}
