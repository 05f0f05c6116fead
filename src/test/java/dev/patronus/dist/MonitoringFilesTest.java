package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The rules for Prometheus and the board for Grafana that are shipped.
class MonitoringFilesTest {
  private static final Path FOLDER = Path.of("src/dist/monitoring");
  private static final Path HELP =
      Path.of("src/main/resources/dev/patronus/daemon/metrics/metrics.txt");
  private static final Pattern METRIC = Pattern.compile("\\bpatronus_[a-z_]+\\b");

  @ParameterizedTest
  @ValueSource(strings = {"patronus.rules.yml", "grafana-patronus.json"})
  void they_use_only_metrics_that_there_are(String file) throws Exception {
    Set<String> known =
        Files.readAllLines(HELP).stream()
            .map(line -> "patronus_" + line.substring(0, line.indexOf(' ')))
            .collect(Collectors.toSet());
    Set<String> unknown =
        METRIC
            .matcher(Files.readString(FOLDER.resolve(file)))
            .results()
            .map(MatchResult::group)
            .map(name -> name.replaceFirst("_total$", ""))
            .filter(name -> !name.equals("patronus_source_"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertFalse(unknown.isEmpty());
    unknown.removeAll(known);
    assertEquals(Set.of(), unknown);
  }

  @Test
  void the_rules_fire_where_promtool_expects_it() {
    Tools.require("promtool");
    for (List<String> words :
        List.of(
            List.of("check", "rules", "patronus.rules.yml"),
            List.of("test", "rules", "patronus.rules.test.yml"))) {
      ProgramOutcome outcome = Program.of("promtool", words.toArray()).in(FOLDER).run();
      assertEquals(0, outcome.exitCode(), outcome::toString);
    }
  }

  @Test
  void each_panel_of_the_board_asks_something() throws Exception {
    JsonNode board =
        new JsonMapper().readTree(Files.readString(FOLDER.resolve("grafana-patronus.json")));
    Set<Integer> ids = new TreeSet<>();
    for (JsonNode panel : board.get("panels")) {
      assertTrue(ids.add(panel.get("id").intValue()), "an id stands twice");
      assertFalse(panel.get("targets").get(0).get("expr").stringValue().isBlank());
    }
  }
}
