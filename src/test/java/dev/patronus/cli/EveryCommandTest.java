package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.CommandMatrix.Effect;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.error.ExitCode;
import dev.patronus.output.Format;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What holds for every command, on a database of every age: how it ends, and what it prints in
/// each format.
class EveryCommandTest {
  @TempDir private static Path templates;
  private static final Map<Age, Path> FURNISHED = new EnumMap<>(Age.class);
  private static final Map<Age, Path> EMPTY = new EnumMap<>(Age.class);

  @TempDir private Path folder;

  @BeforeAll
  static void makeTemplates() throws Exception {
    for (Age age : Age.values()) {
      Path furnished = Files.createDirectory(templates.resolve("furnished-" + age));
      FURNISHED.put(age, SampleDatabase.make(furnished, age));
      CommandLineRun.on(FURNISHED.get(age)).out("site", "delete", "lyon", "--yes");
      CommandLineRun.on(FURNISHED.get(age)).out("policy", "delete", "default", "--yes");
      Path empty = Files.createDirectory(templates.resolve("empty-" + age));
      try (PlatformDatabase database = PlatformDatabase.create(empty, age)) {
        EMPTY.put(age, database.file());
      }
    }
  }

  static Stream<Arguments> specimens() {
    return Stream.of(Age.values())
        .flatMap(age ->
            CommandMatrix.specimens().stream()
                .filter(each -> each.appliesTo(age))
                .map(each -> Arguments.of(age, each)));
  }

  static Stream<Arguments> documents() {
    return specimens().filter(each -> ((Specimen) each.get()[1]).document());
  }

  /// The demo shows what is typed as it is typed.
  static Stream<Arguments> reports() {
    return documents().filter(each -> !each.get()[1].toString().startsWith("demo"));
  }

  static Stream<Arguments> undemonstrated() {
    return specimens().filter(each -> !each.get()[1].toString().startsWith("demo"));
  }

  static Set<String> commands() {
    return CommandMatrix.commands();
  }

  /// Runs a specimen on a fresh copy of a template, in a fresh folder.
  private Outcome run(Path template, Specimen specimen, CommandLineRun how, String... more)
      throws IOException {
    Path place = Files.createTempDirectory(folder, "run");
    Path database = Files.copy(template, place.resolve("sdwan.db"));
    Map<String, String> before = Snapshot.of(place);
    List<String> words = new ArrayList<>();
    for (String word : specimen.words().split(" ", -1)) {
      words.add(word.replace("FOLDER", place.toString()));
    }
    words.addAll(words.contains("--") ? words.indexOf("--") : words.size(), List.of(more));
    Outcome outcome =
        how.env("PATRONUS_DB_PATH", database.toString())
            .env("PATRONUS_ALERT", "busy: total byte-rate > 10M for 5m")
            .env("PATRONUS_STATE_DIR", place.toString())
            .run(words.toArray(String[]::new));
    if (specimen.effect() == Effect.READS || specimen.effect() == Effect.ASKS) {
      assertEquals(before, Snapshot.of(place), "changed by " + specimen);
    }
    return outcome;
  }

  private Outcome run(Path template, Specimen specimen, String... more) throws IOException {
    return run(template, specimen, CommandLineRun.bare(), more);
  }

  /// One line where it failed, nothing where it did not. What was found wrong is an answer.
  private static void saysNothingElse(Specimen specimen, Outcome outcome) {
    boolean answered =
        outcome.exitCode() == ExitCode.DONE
            || (outcome.exitCode() == specimen.ends()
                && Set.of(ExitCode.FAILED, ExitCode.LIMIT_EXCEEDED).contains(specimen.ends()))
            || specimen.words().startsWith("status");
    if (answered && specimen.tellsMissing()) {
      assertTrue(
          outcome.err().matches("patronus: (site|policy) not found: \\w+\n"), outcome::toString);
    } else if (answered) {
      assertEquals("", outcome.err(), outcome::toString);
    } else {
      assertTrue(outcome.err().startsWith("patronus: "), outcome::toString);
      assertEquals(1, outcome.err().lines().count(), outcome::toString);
    }
  }

  /// The text without what differs from run to run: names of folders, and whether the network has
  /// answered a probe in time.
  private static String placeless(String text) {
    return text.replaceAll("run[0-9]+", "run")
        .replace("\"error\": \"nothing listens on the port\"", "\"error\": null");
  }

  @Test
  void every_command_has_a_specimen() {
    Set<String> tried =
        CommandMatrix.specimens().stream()
            .map(each -> CommandMatrix.commandOf(each.words()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(CommandMatrix.commands(), tried, "a line in CommandMatrix is missing");
  }

  @ParameterizedTest
  @MethodSource("specimens")
  void it_ends_as_it_should_and_says_nothing_beside_its_answer(Age age, Specimen specimen)
      throws Exception {
    Outcome outcome = run(FURNISHED.get(age), specimen);
    assertEquals(specimen.ends(), outcome.exitCode(), outcome::toString);
    saysNothingElse(specimen, outcome);
  }

  @ParameterizedTest
  @MethodSource("specimens")
  void it_ends_as_it_should_where_there_are_no_rows(Age age, Specimen specimen) throws Exception {
    Outcome outcome = run(EMPTY.get(age), specimen);
    assertEquals(specimen.endsEmpty(), outcome.exitCode(), outcome::toString);
    saysNothingElse(specimen, outcome);
  }

  /// Nothing of work that was done or a check that found nothing; of what is asked for, the rows.
  /// The demo shows what it shows.
  @ParameterizedTest
  @MethodSource("undemonstrated")
  void with_quiet_nothing_is_printed_where_all_is_well(Age age, Specimen specimen)
      throws Exception {
    for (Path template : List.of(FURNISHED.get(age), EMPTY.get(age))) {
      CommandLineRun person = CommandLineRun.bare().onTerminal(80, 1000);
      boolean asks = specimen.words().equals("shell"); // on a terminal it waits for lines
      for (CommandLineRun how :
          asks ? List.of(CommandLineRun.bare()) : List.of(CommandLineRun.bare(), person)) {
        Outcome outcome = run(template, specimen, how, "-q");
        if (outcome.exitCode() == ExitCode.DONE) {
          assertEquals("", outcome.err(), outcome::toString);
          assertTrue(specimen.rows() || outcome.out().isEmpty(), outcome::toString);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "site list",
        "site list --not-seen-for 10m",
        "site deleted",
        "site purge --dry-run",
        "policy list",
        "path list",
        "path list --down-for 1h",
        "path history",
        "failover list",
        "audit",
        "sql SELECT 1 WHERE 0"
      })
  void with_quiet_a_list_without_rows_prints_nothing(String words) {
    Outcome outcome = CommandLineRun.on(EMPTY.get(Age.NEWEST)).run((words + " -q").split(" ", -1));
    assertEquals("", outcome.out());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void json_is_one_document_with_its_schema(Age age, Specimen specimen) throws Exception {
    for (Path template : List.of(FURNISHED.get(age), EMPTY.get(age))) {
      Outcome outcome = run(template, specimen, "-o", "json");
      Printed.document(outcome.out());
      saysNothingElse(specimen, outcome);
      Outcome inShort = run(template, specimen, "--json");
      assertEquals(placeless(outcome.out()), placeless(inShort.out()));
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void ndjson_is_an_object_a_line(Age age, Specimen specimen) throws Exception {
    for (Path template : List.of(FURNISHED.get(age), EMPTY.get(age))) {
      Outcome outcome = run(template, specimen, "-o", "ndjson");
      Printed.lines(outcome.out());
      saysNothingElse(specimen, outcome);
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void csv_has_a_header_and_the_rows_and_names_of_ndjson(Age age, Specimen specimen)
      throws Exception {
    for (Path template : List.of(FURNISHED.get(age), EMPTY.get(age))) {
      Outcome csv = run(template, specimen, "-o", "csv");
      saysNothingElse(specimen, csv);
      boolean failed = csv.exitCode() != ExitCode.DONE && csv.out().isEmpty();
      if (!failed) {
        List<List<String>> rows = Printed.csv(csv.out());
        var objects = Printed.lines(run(template, specimen, "-o", "ndjson").out());
        assertEquals(objects.size(), rows.size() - 1, csv::toString);
        if (!objects.isEmpty()) {
          List<String> names = List.copyOf(objects.getFirst().propertyNames());
          assertEquals(names.subList(0, rows.getFirst().size()), rows.getFirst());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("reports")
  void a_table_stays_within_the_screen(Age age, Specimen specimen) throws Exception {
    for (int columns : new int[] {40, 80, 132}) {
      CommandLineRun person = CommandLineRun.bare().onTerminal(columns, 1000);
      Outcome outcome = run(FURNISHED.get(age), specimen, person, "-o", "table");
      String shown = outcome.exitCode() == specimen.ends() ? outcome.out() : "";
      assertAll(
          shown
              .lines()
              .map(line ->
                  () -> assertTrue(DisplayWidth.of(line) <= columns, columns + ": " + line)));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void an_unknown_option_is_refused_in_every_format(String command) {
    for (Format format : Format.values()) {
      List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
      words.addAll(List.of("--no-such-option", "-o", EnumNames.of(format)));
      Outcome outcome = CommandLineRun.bare().run(words.toArray(String[]::new));
      assertEquals(ExitCode.USAGE, outcome.exitCode(), outcome::toString);
      String next = "; see 'patronus " + command + " --help'\n";
      assertTrue(outcome.err().matches("patronus: [^\n]+" + next), outcome::toString);
      switch (format) {
        case TABLE, CSV -> assertEquals("", outcome.out());
        case JSON, NDJSON -> Printed.error(outcome.out(), ExitCode.USAGE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void without_a_database_the_error_is_a_document_too(Age age, Specimen specimen) throws Exception {
    if (specimen.opensDatabase() && age == Age.NEWEST) {
      Path nowhere = folder.resolve("nowhere.db");
      List<String> words = new ArrayList<>(List.of(specimen.words().split(" ", -1)));
      words.addAll(List.of("-o", "json"));
      Outcome outcome = CommandLineRun.on(nowhere).run(words.toArray(String[]::new));
      assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode(), outcome::toString);
      Printed.error(outcome.out(), ExitCode.UNUSABLE_DATABASE);
      assertFalse(Files.exists(nowhere));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void its_help_fits_into_narrow_screens(String command) {
    List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
    words.add("--help");
    for (int columns : new int[] {40, 80}) {
      Outcome outcome =
          CommandLineRun.bare().onTerminal(columns, 1000).run(words.toArray(String[]::new));
      assertEquals(ExitCode.DONE, outcome.exitCode());
      assertAll(
          outcome
              .out()
              .lines()
              .filter(line -> line.strip().indexOf(' ') > 0) // a word of an example stays whole
              .map(line ->
                  () -> assertTrue(DisplayWidth.of(line) <= columns, columns + ": " + line)));
    }
  }
}
