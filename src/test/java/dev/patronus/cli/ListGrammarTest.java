package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

  /// The options of all lists.
  private static final List<String> OPTIONS = List.of("-n", "-s", "-w");

  /// Words that the names of lists end with.
  private static final Set<String> LISTS =
      Set.of(
          "audit",
          "budget",
          "check",
          "deleted",
          "flows",
          "history",
          "leftovers",
          "list",
          "stats",
          "status");

  /// What is a list in name alone, and the options that it lacks.
  private static final Map<String, List<String>> EXCEPTIONS =
      Map.of(
          "status",
          List.of("-n", "-s"), // a page of several tables, each with an order of its own
          "db check",
          OPTIONS, // takes long, and a monitor reads how it ended
          "policy check",
          List.of("-w"), // a monitor reads how it ended
          "db leftovers",
          OPTIONS); // the preview of a deletion, which must be whole

  private static void lists(CommandNode node, String before, Map<String, List<String>> missing) {
    for (CommandNode child : node.children()) {
      String name = (before + " " + child.name()).strip();
      Command command = child.maker().get();
      if (LISTS.contains(child.name()) && !name.startsWith("export ")) {
        missing.put(name, OPTIONS.stream().filter(each -> !command.hasOption(each)).toList());
      }
      lists(child, name, missing);
    }
  }

  @Test
  void every_list_is_sorted_cut_and_refreshed_by_the_same_options() {
    Map<String, List<String>> missing = new TreeMap<>();
    lists(CommandTree.ROOT, "", missing);
    assertEquals(20, missing.size(), missing::toString);
    missing.values().removeIf(List::isEmpty);
    assertEquals(new TreeMap<>(EXCEPTIONS), missing);
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "site list",
        "site deleted",
        "policy list",
        "policy deleted",
        "path list",
        "path history",
        "path history 3 --step 1h",
        "stats history --since 2h",
        "stats budget",
        "failover list",
        "alert list",
        "audit",
        "status"
      })
  void it_is_refreshed_until_the_number_of_updates_is_reached(String list) {
    Outcome once = cli.run((list + " -o ndjson").split(" ", -1));
    Outcome twice = cli.run((list + " -o ndjson --watch 100ms --count 2").split(" ", -1));
    assertEquals(2 * once.out().lines().count(), twice.out().lines().count(), twice::toString);
    cli.run((list + " --count 2").split(" ", -1))
        .failed(ExitCode.USAGE, "--count requires --watch");
  }

  @Test
  void the_trail_is_asked_about_one_site_by_its_name_or_id_and_sorted() {
    List<String> lyon = rows("audit", "--name", "LYON", "--columns", "event_type,subject_name");
    assertEquals(List.of("site_delete,lyon"), lyon);
    String id = rows("audit", "--name", "lyon", "--columns", "subject_id").getFirst();
    assertEquals(lyon, rows("audit", "--name", id, "--columns", "event_type,subject_name"));
    List<String> names = rows("audit", "--columns", "name", "--sort", "name");
    assertEquals(
        names.stream().filter(each -> !each.isEmpty()).sorted().toList(),
        names.stream().filter(each -> !each.isEmpty()).toList());
  }

  @Test
  void findings_are_sorted_and_cut_for_people_and_programs_and_all_of_them_count()
      throws Exception {
    Path wrong = Files.createDirectory(folder.resolve("wrong"));
    try (PlatformDatabase database = PlatformDatabase.create(wrong, Age.NEWEST)) {
      database.policy(7, "b", 100, "{}").policy(8, "a", 50, "{\"src_ip\":\"10.99.0.0/33\"}");
      CommandLineRun of = CommandLineRun.on(database.file());
      Outcome people = of.run("policy", "check", "--sort", "policy", "-n", "1");
      assertEquals(ExitCode.FAILED, people.exitCode());
      assertTrue(people.out().startsWith("error: policy 'a' (8)"), people.out());
    }
  }

  /// A cron job that is to tell of damage alone.
  @ParameterizedTest
  @ValueSource(strings = {"db check", "policy check"})
  void a_check_whose_warnings_are_accepted_prints_nothing_with_quiet(String check)
      throws Exception {
    Path warned = Files.createDirectory(folder.resolve(check.replace(' ', '-')));
    try (PlatformDatabase database = PlatformDatabase.create(warned, Age.NEWEST)) {
      String rules = check.equals("db check") ? "{\"src_ip\":\"10.99.0.0/33\"}" : "{}";
      database.policy(7, "all", 100, "{}").policy(8, "never", 5, rules);
      CommandLineRun of = CommandLineRun.on(database.file());
      String words = check + " --fail-on error";
      assertTrue(of.out(words.split(" ", -1)).contains("warning"), words);
      assertEquals("", of.out((words + " -q").split(" ", -1)));
    }
  }
}
