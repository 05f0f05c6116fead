package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExportFlowsIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    database.policy(-8, "=cmd|' /C calc'!A0", 50, "{\"protocol\":6,\"dst_port_range\":[80,80]}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private ProgramOutcome patronus(Object... words) {
    return Program.patronus(words)
        .env("PATRONUS_DB_PATH", database.file())
        .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
        .run();
  }

  private static long fill(DaemonUnderTest daemon, NetflowV5Sender sender, int flows)
      throws Exception {
    long sent = daemon.packets();
    for (int i = 0; i < flows; i += NetflowV5Sender.FLOWS) {
      sent += sender.send(i, i % 90 == 0 ? 443 : i % 90 == 30 ? 80 : 25, 2);
      if (i % 1200 == 0) {
        long all = sent;
        DaemonUnderTest.await("all is counted", () -> daemon.packets() >= all);
      }
    }
    long all = sent;
    DaemonUnderTest.await("all is counted", () -> daemon.packets() == all);
    return all;
  }

  @Test
  void every_live_flow_comes_once() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      fill(daemon, sender, 4500);
      ProgramOutcome outcome = patronus("export", "flows", "--columns", "src_ip,packets,policy");
      assertEquals(0, outcome.exitCode(), outcome.stderr());
      assertEquals("", outcome.stderr());
      List<String> lines = outcome.stdout().lines().toList();
      assertEquals("src_ip,packets,policy", lines.getFirst());
      assertEquals(4501, lines.size());
      Set<String> sources = new TreeSet<>();
      lines.stream().skip(1).forEach(line -> sources.add(line.split(",", -1)[0]));
      assertEquals(4500, sources.size());
      assertTrue(lines.contains("10.0.0.0,2,web"), "the first flow");
      assertTrue(lines.contains("10.0.0.60,2,"), "one that no policy takes");
    }
  }

  @Test
  void it_has_the_columns_of_stats_flows_in_every_format() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      fill(daemon, sender, 60);
      JsonNode shown =
          JsonMapper.shared().readTree(patronus("stats", "flows", "-n", "100", "--json").stdout());
      JsonNode exported =
          JsonMapper.shared().readTree(patronus("export", "flows", "--json").stdout());
      assertEquals(1, exported.get("schema").asInt());
      assertEquals(60, exported.get("rows").size());
      assertEquals(
          shown.get("flows").get(0).propertyNames(), exported.get("rows").get(0).propertyNames());
      List<String> lines = patronus("export", "flows", "-o", "ndjson").stdout().lines().toList();
      assertEquals(60, lines.size());
      lines.forEach(
          line -> assertEquals(2, JsonMapper.shared().readTree(line).get("packets").asInt()));
      assertTrue(patronus("export", "flows", "-o", "table").stdout().startsWith("PROTO"));
    }
  }

  @Test
  void groups_have_the_columns_and_sums_of_stats_flows() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      fill(daemon, sender, 90);
      JsonMapper json = JsonMapper.shared();
      JsonNode shown =
          json.readTree(
              patronus("stats", "flows", "--by", "dport,policy", "-n", "9", "--json").stdout());
      JsonNode exported =
          json.readTree(patronus("export", "flows", "--by", "dport,policy", "--json").stdout());
      assertEquals(3, exported.get("rows").size());
      assertEquals(shown.get("groups"), exported.get("rows"));
      assertEquals("[\"dport\",\"policy\"]", exported.get("asked").get("by").toString());
      ProgramOutcome chosen =
          patronus("export", "flows", "--by", "dport", "--columns", "dst_port,packets", "tcp");
      assertEquals(
          List.of("25,60", "443,60", "80,60", "dst_port,packets"),
          chosen.stdout().lines().sorted().toList());
      assertEquals("", chosen.stderr());
    }
  }

  @Test
  void one_policys_flows_can_be_chosen() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      fill(daemon, sender, 90);
      ProgramOutcome web = patronus("export", "flows", "-p", "web", "--no-headers");
      assertEquals(30, web.stdout().lines().count(), web.toString());
      ProgramOutcome safe =
          patronus("export", "flows", "-p", "18446744073709551608", "--spreadsheet-safe");
      assertTrue(safe.stdout().contains("'=cmd"), safe.toString());
      ProgramOutcome unknown = patronus("export", "flows", "-p", "wob");
      assertEquals(3, unknown.exitCode(), unknown.toString());
      assertEquals("", unknown.stdout());
    }
  }

  @Test
  void a_file_appears_when_it_is_whole() throws Exception {
    Path file = folder.resolve("flows.csv");
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      fill(daemon, sender, 30);
      ProgramOutcome outcome = patronus("export", "flows", "--file", file);
      assertEquals("", outcome.stdout() + outcome.stderr());
      assertEquals(31, Files.readAllLines(file).size());
    }
  }

  @Test
  void with_no_flows_there_is_a_header_and_an_empty_list() throws Exception {
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, port)) {
      assertEquals(1, patronus("export", "flows").stdout().lines().count());
      JsonNode empty = JsonMapper.shared().readTree(patronus("export", "flows", "--json").stdout());
      assertEquals(0, empty.get("rows").size());
    }
  }

  @Test
  void without_a_daemon_it_ends_with_6_and_leaves_no_file() {
    Path file = folder.resolve("flows.json");
    ProgramOutcome outcome = patronus("export", "flows", "--file", file);
    assertEquals(6, outcome.exitCode(), outcome.toString());
    assertEquals(1, outcome.stderr().lines().count(), outcome.toString());
    assertFalse(Files.exists(file));
  }

  @Test
  void a_column_that_is_not_there_is_a_usage_error() throws Exception {
    ProgramOutcome outcome = patronus("export", "flows", "--columns", "colour");
    assertEquals(2, outcome.exitCode(), outcome.toString());
  }
}
