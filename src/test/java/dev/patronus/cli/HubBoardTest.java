package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.fleet.GatewayCopy;
import dev.patronus.fleet.HubUnderTest;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The board for Grafana that reads a hub: each of its statements, its macros replaced as Grafana
/// replaces them, is run on a hub of two gateways as a role that may only read.
class HubBoardTest {
  private static final Path BOARD = Path.of("src/dist/monitoring/grafana-patronus-hub.json");
  private static final String READER = "grafana";
  private static final String PASSWORD = "a password";

  /// 5 minutes: each point of a graph is a cell.
  private static final String INTERVAL = "300000";

  @TempDir private static Path folder;
  private static HubUnderTest hub;

  @BeforeAll
  static void sendTwo() throws Exception {
    Path database = SampleDatabase.make(folder, Age.NEWEST);
    CommandLineRun.on(database).out("db", "migrate");
    hub = HubUnderTest.make(PostgresServer.shared(), folder);
    new GatewayCopy(hub, hub.enrol("berlin")).send(database, "one");
    new GatewayCopy(hub, hub.enrol("l'yon")).send(database, "two");
    hub.sql("DROP ROLE IF EXISTS " + READER);
    hub.sql("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(READER, PASSWORD));
    hub.sql("GRANT " + hub.database() + "_fleet_reader TO " + READER);
  }

  private static JsonNode board() {
    try {
      return new JsonMapper().readTree(Files.readString(BOARD));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<String> titles() {
    List<String> titles = new ArrayList<>();
    board().get("panels").forEach(panel -> titles.add(panel.get("title").stringValue()));
    return titles.stream();
  }

  private static String sql(String title) {
    for (JsonNode panel : board().get("panels")) {
      if (panel.get("title").stringValue().equals(title)) {
        return panel.get("targets").get(0).get("rawSql").stringValue();
      }
    }
    throw new IllegalStateException(title);
  }

  private static List<String> run(String sql, String gateways) {
    String all =
        sql.replaceAll("\\$__unixEpochFilter\\(([^)]*)\\)", "($1 >= 0 AND $1 <= 9999999999)")
            .replace("$__interval_ms", INTERVAL)
            .replace("${gateway:sqlstring}", gateways);
    assertFalse(all.contains("$"), all);
    ProgramOutcome outcome = PostgresServer.shared().psql(READER, PASSWORD, hub.database(), all);
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.lines();
  }

  private static long sum(List<String> rows, int column) {
    return rows.stream()
        .mapToLong(row -> Math.round(Double.parseDouble(row.split("\\|", -1)[column])))
        .sum();
  }

  @ParameterizedTest
  @MethodSource("titles")
  void each_panel_has_an_answer_for_one_gateway_and_for_all(String title) {
    assertFalse(run(sql(title), "'berlin','l''yon'").isEmpty());
    List<String> none = run(sql(title), "'nobody'");
    assertTrue(none.isEmpty() || none.equals(List.of("0")), none::toString);
  }

  @Test
  void the_choice_of_gateways_has_all_of_them() {
    String query = board().get("templating").get("list").get(1).get("query").stringValue();
    assertEquals(List.of("berlin", "l'yon"), run(query, ""));
  }

  @Test
  void the_graphs_and_tables_of_traffic_show_what_the_cells_have() {
    long bytes =
        Long.parseLong(
            hub.sql(
                    "SELECT sum(t.bytes) FROM fleet.five_minutes t JOIN fleet.visible_series s"
                        + " USING (gateway_id, epoch, series_id) WHERE s.gateway = 'berlin'")
                .getFirst());
    assertTrue(bytes > 0);
    for (String title : List.of("Traffic by gateway", "Traffic by policy")) {
      double shown =
          run(sql(title), "'berlin'").stream()
              .mapToDouble(row -> Double.parseDouble(row.split("\\|", -1)[2]))
              .sum();
      assertEquals(bytes, Math.round(shown * 300 / 8), title);
    }
    assertEquals(bytes, sum(run(sql("Policies with most traffic"), "'berlin'"), 1));
    assertEquals(bytes, sum(run(sql("Gateways with most traffic"), "'berlin'"), 1));
    assertEquals(bytes, sum(run(sql("Traffic by day"), "'berlin'"), 2));
  }

  @Test
  void each_panel_has_a_number_and_a_title_of_its_own() {
    Set<Integer> ids = new TreeSet<>();
    board().get("panels").forEach(panel -> assertTrue(ids.add(panel.get("id").intValue())));
    assertEquals(titles().distinct().count(), ids.size());
  }
}
