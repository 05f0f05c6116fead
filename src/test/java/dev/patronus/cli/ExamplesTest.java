package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.error.ExitCode;
import dev.patronus.output.Format;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every example of the help and the manual is run, and does what it says.
class ExamplesTest {
  /// What has to be so before an example makes sense.
  private static final Map<String, String> BEFORE =
      Map.of(
          "site restore berlin", "site delete berlin --yes",
          "site restore berlin hamburg --dry-run", "site delete berlin hamburg --yes",
          "site purge berlin", "site delete berlin --yes",
          "policy restore guests", "policy delete guests --yes");

  /// The sample has an invalid rule, no daemon, nothing left over, addresses of documentation, and
  /// no hub.
  private static final Map<String, ExitCode> FAULTS =
      Map.ofEntries(
          Map.entry("db check", ExitCode.LIMIT_EXCEEDED),
          Map.entry("db check --quick --json", ExitCode.LIMIT_EXCEEDED),
          Map.entry("db leftovers restore leftovers --dry-run", ExitCode.NOT_FOUND),
          Map.entry("doctor", ExitCode.FAILED),
          Map.entry("path probe 1", ExitCode.FAILED),
          Map.entry("path probe 1 -c 50 -i 100ms -W 1s --json", ExitCode.FAILED),
          Map.entry("path probe 1 --save", ExitCode.FAILED),
          Map.entry("policy check", ExitCode.FAILED),
          Map.entry("policy check --fail-on error -o json", ExitCode.FAILED),
          Map.entry("doctor --json", ExitCode.FAILED),
          Map.entry("fleet init --hub postgresql:///patronus", ExitCode.FAILED),
          Map.entry("fleet status", ExitCode.USAGE),
          Map.entry("fleet status --hub postgresql:///patronus", ExitCode.FAILED),
          Map.entry("fleet enrol berlin", ExitCode.USAGE),
          Map.entry("fleet revoke berlin --yes", ExitCode.USAGE),
          Map.entry("fleet prune --dry-run", ExitCode.USAGE),
          Map.entry("fleet prune --yes --keep raw:14d", ExitCode.USAGE),
          Map.entry("fleet prune --replaced --dry-run", ExitCode.USAGE),
          Map.entry("fleet prune --gateway berlin --dry-run", ExitCode.USAGE));

  @TempDir private Path folder;
  private Path database;

  @BeforeEach
  void makeDatabase() throws Exception {
    database = SampleDatabase.make(folder, Age.NEWEST);
  }

  static Set<String> commands() {
    return CommandExample.commands();
  }

  static Stream<CommandExample> examples() {
    return CommandExample.all().stream().filter(each -> !each.needsDaemon());
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(database).onTerminal(80, 1000).typing("y\n");
  }

  /// The prompt is tried on a real terminal elsewhere; here its lines come from a pipe.
  private CommandLineRun cli(CommandExample example) {
    return example.command().equals("shell")
        ? CommandLineRun.on(database).typing("stats\n")
        : cli();
  }

  private Outcome run(String command) {
    return cli().run(command.split(" ", -1));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void every_command_has_an_example_of_itself(String command) {
    List<CommandExample> own =
        CommandExample.all().stream().filter(each -> each.in().equals(command)).toList();
    assertFalse(own.isEmpty(), command);
    for (CommandExample example : own) {
      assertTrue(example.command().startsWith(command), example::toString);
      assertFalse(example.example().what().endsWith("."), example::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void its_help_begins_with_what_it_is_and_its_examples(String command) {
    String help = CommandLineRun.bare().out((command + " --help").strip().split(" ", -1));
    int examples = help.indexOf("\nExamples:\n");
    assertTrue(examples > 0, help);
    assertTrue(examples < help.indexOf("\nUsage: "), help);
    assertTrue(help.indexOf("\nUsage: ") < help.indexOf("\nCommon options:\n"), help);
    for (CommandExample example : CommandExample.all()) {
      if (example.in().equals(command)) {
        String joined = help.replaceAll(" \\\\\n +", " ");
        assertTrue(joined.contains("\n  patronus " + example + "\n"), help);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void it_ends_well_and_does_what_it_says(CommandExample example) throws Exception {
    if (BEFORE.containsKey(example.command())) {
      assertEquals(ExitCode.DONE, run(BEFORE.get(example.command())).exitCode());
    }
    if (example.command().equals("db init")) {
      Files.delete(database);
    }
    Map<String, String> before = Snapshot.of(folder);
    List<String> words = example.wordsIn(folder);
    Map<String, String> made = Snapshot.of(folder);
    Outcome outcome = cli(example).run(words.toArray(String[]::new));
    boolean readsHub =
        !example.command().startsWith("fleet ")
            && (example.has("--fleet") || example.has("--gateway"));
    ExitCode expected =
        readsHub ? ExitCode.USAGE : FAULTS.getOrDefault(example.command(), ExitCode.DONE);
    assertEquals(expected, outcome.exitCode(), outcome::toString);
    if (readsHub) {
      assertTrue(outcome.err().contains("no hub is named"), outcome::toString);
      return;
    }
    checkFormat(example, outcome);
    if (example.has("--dry-run")) {
      assertEquals(before, Snapshot.of(folder));
    }
    if (example.has("--file")) {
      checkFile(example);
    }
    if (made.equals(Snapshot.of(folder))
        && !example.command().startsWith("fleet")
        && !example.has("-q")
        && expected != ExitCode.NOT_FOUND) {
      assertFalse(outcome.out().isEmpty(), outcome::toString);
    }
  }

  private static void checkFormat(CommandExample example, Outcome outcome) throws IOException {
    if (example.has("--file")) {
      return;
    }
    String format = example.has("--json") ? "json" : example.has("-o") ? example.valueOf("-o") : "";
    boolean csv = example.command().startsWith("export") && format.isEmpty();
    switch (csv
        ? Format.CSV
        : format.isEmpty() ? Format.TABLE : EnumNames.read(Format.class, format)) {
      case TABLE -> {}
      case JSON -> Printed.document(outcome.out());
      case NDJSON -> assertFalse(Printed.lines(outcome.out()).isEmpty());
      case CSV -> assertTrue(Printed.csv(outcome.out()).size() > 1, outcome::toString);
    }
  }

  private void checkFile(CommandExample example) throws IOException {
    String named = example.valueOf("--file").replaceFirst("^/", "");
    Path file = folder.resolve(named.replace("%Y%m%dT%H%M%S", "20261123T140000"));
    byte[] bytes = Files.readAllBytes(file);
    String name = file.toString();
    if (name.endsWith(".gz")) {
      assertEquals(0x1f, bytes[0]);
      assertEquals((byte) 0x8b, bytes[1]);
    } else if (name.endsWith(".json")) {
      Printed.document(new String(bytes, StandardCharsets.UTF_8));
    } else if (name.endsWith(".html")) {
      String page = new String(bytes, StandardCharsets.UTF_8);
      assertTrue(page.contains("<h2 id=\"history\">") && page.endsWith("</html>\n"), page);
    } else {
      Printed.csv(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  /// What the text says, seen with another command.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          site delete berlin         | site list -o csv --columns site_name    | site_name hamburg lyon porto
          site delete berlin --yes --if-exists --json | site list -o csv --columns site_name | site_name hamburg lyon porto
          site restore berlin        | site list -o csv --columns site_name    | site_name berlin hamburg lyon porto
          policy delete guests       | policy list -o csv --columns name        | name voice office default
          policy restore guests      | policy list -o csv --columns name        | name voice office guests default
          site purge berlin          | site deleted -o csv --columns site_name | site_name
          site list --status inactive -o csv | site list --status inactive -o csv --columns site_name | site_name porto
          policy list --invalid      | policy list --invalid -o csv --columns name | name guests
          path list --site berlin --status degraded,down | path list --site berlin --status degraded,down -o csv --columns path_id | path_id 3
          audit --failed --user alice --json | audit --failed --user alice -o csv --columns user_id,success | user_id,success alice,false
          """)
  void what_it_says_can_be_seen(String example, String look, String seen) throws Exception {
    assertTrue(
        CommandExample.all().stream().anyMatch(each -> each.command().equals(example)),
        "no example any more: " + example);
    if (BEFORE.containsKey(example)) {
      run(BEFORE.get(example));
    }
    assertEquals(ExitCode.DONE, run(example).exitCode());
    assertEquals(
        seen.replace(' ', '\n') + "\n",
        run(look).out().replace("\r\n", "\n").lines().distinct().collect(Collectors.joining("\n"))
            + "\n");
  }

  @Test
  void a_backup_and_a_new_database_can_be_used() throws Exception {
    for (CommandExample example : examples().toList()) {
      String command = example.command();
      if (command.startsWith("db backup") || command.startsWith("db init /")) {
        Outcome outcome = cli().run(example.wordsIn(folder).toArray(String[]::new));
        assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
        Path made =
            Path.of(example.wordsIn(folder).getLast().replace("%F", "2026-11-23")); // the clock's
        try (PlatformDatabase copy = PlatformDatabase.open(made)) {
          int sites = command.startsWith("db init") ? 0 : 4;
          assertEquals(sites, copy.number("SELECT count(*) FROM sdwan_sites"), command);
        }
      }
    }
  }

  @Test
  void the_manual_shows_every_example() {
    Map<String, String> pages = ManCommand.pages();
    for (CommandExample example : CommandExample.all()) {
      String page = pages.get(("patronus " + example.in()).strip().replace(' ', '-') + ".1");
      String shown = page.replace("\\-", "-").replace("\\(dq", "\"");
      assertTrue(shown.contains("\n.B patronus " + example + "\n"), page);
      int examples = page.indexOf(".SH EXAMPLES");
      assertTrue(examples > 0 && examples < page.indexOf(".SH DESCRIPTION"), page);
    }
  }

  @Test
  void an_export_since_the_last_one_hands_over_each_row_once() {
    CommandExample example =
        CommandExample.all().stream()
            .filter(each -> each.has("--since-last") && each.has("--append"))
            .findFirst()
            .orElseThrow();
    try {
      String[] words = example.wordsIn(folder).toArray(String[]::new);
      Path file = folder.resolve(example.valueOf("--file"));
      assertEquals(ExitCode.DONE, cli().run(words).exitCode());
      assertEquals(901, Files.readString(file).lines().count());
      assertEquals(ExitCode.DONE, cli().run(words).exitCode());
      assertEquals(901, Files.readString(file).lines().count(), "nothing is added twice");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
