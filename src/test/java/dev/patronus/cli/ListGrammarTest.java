package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What holds for every list: its order, its number of rows and its columns are asked for alike.
class ListGrammarTest {
  @TempDir private static Path folder;
  private static CommandLineRun cli;

  @BeforeAll
  static void make() throws Exception {
    cli = CommandLineRun.on(SampleDatabase.make(folder, Age.NEWEST));
    cli.out("site", "delete", "lyon", "--yes");
    cli.out("site", "delete", "hamburg", "--yes");
    cli.out("policy", "delete", "office", "guests", "--yes");
  }

  private static List<String> rows(String words, String... more) {
    Stream<String> all =
        Stream.concat(Stream.of((words + " -o csv --no-headers").split(" ", -1)), Stream.of(more));
    return cli.out(all.toArray(String[]::new)).lines().toList();
  }

  @ParameterizedTest
  @CsvSource({
    "site list, site_name, SITE",
    "site deleted, site_name, site",
    "policy deleted, name, policy",
    "policy list, name, Policy",
    "path list, src_site_name, from",
    "path history, src_site_name, FROM",
    "failover list, name, failover policy",
  })
  void rows_are_sorted_by_a_name_or_a_title_cut_and_shown_by_column(
      String list, String name, String title) {
    List<String> all = rows(list, "--columns", name);
    List<String> sorted = all.stream().sorted(String.CASE_INSENSITIVE_ORDER).toList();
    assertEquals(sorted, rows(list, "--columns", name, "--sort", title));
    assertEquals(all, rows(list, "--columns", title));
    assertEquals(sorted.subList(0, 1), rows(list, "--columns", title, "-s", name, "-n", "1"));
    assertTrue(all.size() > 0, list);
  }

  /// What `awk` gets: rows alone, whose columns are apart by two blanks.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "stats",
        "stats history --since 2h",
        "stats history --since 7d --step 1d",
        "path list",
        "path history",
        "path history 3 --step 1h",
        "site list",
        "failover list",
        "audit"
      })
  void with_quiet_and_without_headers_there_are_rows_alone(String list) {
    String out = cli.out((list + " -q --no-headers").split(" ", -1));
    assertFalse(out.isEmpty());
    assertAll(
        out.lines()
            .filter(line -> !line.isEmpty())
            .map(line ->
                () -> assertTrue(line.matches(".*\\S  +\\S.*") && !line.endsWith("."), out)));
  }
}
