package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FlowFilterIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.site("a", "A").site("b", "B").path(1, "a", "b");
    database.metric(1, System.currentTimeMillis() / 1000, 10);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private ProgramOutcome patronus(String... words) {
    ProgramOutcome outcome =
        Program.patronus((Object[]) words)
            .env("PATRONUS_DB_PATH", database.file())
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome;
  }

  private static JsonNode json(ProgramOutcome outcome) {
    return JsonMapper.shared().readTree(outcome.stdout());
  }

  private long exported(String filter) {
    return patronus("export", "flows", "--no-headers", filter).stdout().lines().count();
  }

  @Test
  void the_daemon_sends_what_matches_and_sums_all_flows_by_their_keys() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = 0;
      for (int i = 0; i < 900; i += NetflowV5Sender.FLOWS) {
        sent += sender.send(i, i < 300 ? 443 : 25, i < 300 ? 2 : 1);
      }
      long all = sent;
      DaemonUnderTest.await("all is counted", () -> daemon.packets() == all);

      assertEquals(300, exported("dst port 443"));
      assertEquals(300, exported("policy web"));
      assertEquals(600, exported("unmatched"));
      assertEquals(256, exported("src net 10.0.1.0/24"));
      assertEquals(44, exported("src net 10.0.1.0/24 and packets > 1"));
      assertEquals(900, exported("exporter 127.0.0.1"));
      assertEquals(0, exported("not exporter 127.0.0.1"));
      assertEquals(300, exported("path 1"));
      assertEquals(900, exported(""));

      JsonNode flows = json(patronus("stats", "flows", "tcp", "and", "dst port 25", "--json"));
      assertEquals(600, flows.get("matching_flows").asInt());
      assertEquals(900, flows.get("active_flows").asInt());
      assertEquals(20, flows.get("flows").size());

      JsonNode groups =
          json(patronus("stats", "flows", "--by", "dport,policy,path,exporter", "--json"));
      assertEquals(2, groups.get("groups").size());
      JsonNode web = groups.get("groups").get(groups(groups, 443));
      assertEquals(
          "443 web 1 127.0.0.1 300 600 60000",
          Stream.of("dst_port", "policy", "path_id", "exporter", "active_flows", "packets", "bytes")
              .map(name -> web.get(name).asString())
              .reduce((a, b) -> a + " " + b)
              .orElseThrow());
    }
  }

  private static int groups(JsonNode groups, int port) {
    return groups.get("groups").get(0).get("dst_port").asInt() == port ? 0 : 1;
  }
}
