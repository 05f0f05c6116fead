package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.CommandMatrix.Effect;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Wrong input of each kind, for every command that it can meet: an exit code, one line that helps,
/// and nothing changed.
class WrongInputTest {
  @TempDir private Path folder;

  static Stream<Specimen> openers() {
    return CommandMatrix.specimens().stream().filter(Specimen::opensDatabase);
  }

  /// Those that need the lock for writing: what changes nothing, waits for nobody.
  static Stream<Specimen> writers() {
    return openers()
        .filter(each -> each.effect() == Effect.CHANGES)
        .filter(each -> !each.words().startsWith("daemon"));
  }

  private Path file() {
    return folder.resolve("sdwan.db");
  }

  private Outcome run(String words) {
    String[] typed = words.replace("FOLDER", folder.toString()).split(" ", -1);
    return CommandLineRun.on(file())
        .env("PATRONUS_BUSY_TIMEOUT", "50ms")
        .env("PATRONUS_STATE_DIR", folder.toString())
        .run(typed);
  }

  private void refuses(Specimen specimen, ExitCode code, String message) throws IOException {
    refuses(specimen.words(), code, message);
  }

  private void refuses(String words, ExitCode code, String message) throws IOException {
    Map<String, String> before = Snapshot.of(folder);
    Outcome outcome = run(words);
    assertEquals("patronus: " + message + "\n", outcome.err());
    assertEquals(code, outcome.exitCode());
    assertEquals("", outcome.out());
    assertEquals(before, Snapshot.of(folder), "changed by " + words);
  }

  @ParameterizedTest
  @MethodSource("openers")
  void no_file(Specimen specimen) throws Exception {
    refuses(
        specimen,
        ExitCode.UNUSABLE_DATABASE,
        "no database at "
            + file()
            + "; name it with --db or PATRONUS_DB_PATH, or make one with 'patronus db init'");
  }

  @ParameterizedTest
  @MethodSource("openers")
  void an_empty_file(Specimen specimen) throws Exception {
    Files.createFile(file());
    refuses(
        specimen,
        ExitCode.UNUSABLE_DATABASE,
        file() + " is an empty file, not a database; remove it, and 'patronus db init' makes one");
  }

  @ParameterizedTest
  @MethodSource("openers")
  void a_text_file(Specimen specimen) throws Exception {
    Files.writeString(file(), "SQLite format 4, or what");
    refuses(specimen, ExitCode.UNUSABLE_DATABASE, file() + " is not a SQLite database");
  }

  @ParameterizedTest
  @MethodSource("openers")
  void a_folder(Specimen specimen) throws Exception {
    Files.createDirectory(file());
    Map<String, String> before = Snapshot.of(folder);
    Outcome outcome = run(specimen.words());
    assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode(), outcome::toString);
    assertEquals(1, outcome.err().lines().count(), outcome::toString);
    assertEquals(before, Snapshot.of(folder));
  }

  @ParameterizedTest
  @MethodSource("openers")
  void somebody_elses_database(Specimen specimen) throws Exception {
    try (PlatformDatabase other = PlatformDatabase.open(file())) {
      other.run("CREATE TABLE songs (name TEXT)");
    }
    refuses(
        specimen,
        ExitCode.UNUSABLE_DATABASE,
        file() + " is no Patronus database: it has no table sdwan_sites");
  }

  @ParameterizedTest
  @MethodSource("openers")
  void a_truncated_database(Specimen specimen) throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    Files.write(file(), Arrays.copyOf(Files.readAllBytes(file()), 4096));
    Map<String, String> before = Snapshot.of(folder);
    Outcome outcome = run(specimen.words());
    ExitCode code =
        specimen.words().startsWith("db check") ? ExitCode.FAILED : ExitCode.UNUSABLE_DATABASE;
    assertEquals(code, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.err().startsWith("patronus: " + file() + " is damaged ("), outcome.err());
    assertTrue(outcome.err().contains("restore a backup"), outcome.err());
    assertEquals(1, outcome.err().lines().count());
    assertEquals(before, Snapshot.of(folder));
  }

  @ParameterizedTest
  @MethodSource("writers")
  void a_database_that_another_program_writes(Specimen specimen) throws Exception {
    locked("BEGIN IMMEDIATE", specimen);
  }

  @ParameterizedTest
  @MethodSource("openers")
  void a_database_that_another_program_keeps_for_itself(Specimen specimen) throws Exception {
    locked("BEGIN EXCLUSIVE", specimen);
  }

  private void locked(String lock, Specimen specimen) throws Exception {
    SampleDatabase.make(folder, Age.SPRINT_30);
    if (specimen.words().matches(".*(lyon|policy.*default).*")) {
      run("site delete lyon --yes");
      run("policy delete default --yes");
    }
    try (PlatformDatabase database = PlatformDatabase.open(file())) {
      database.run(lock);
      refuses(
          specimen,
          ExitCode.BUSY,
          "the database "
              + file()
              + " is locked by another program; try again"
              + (specimen.words().startsWith("db prune") && lock.equals("BEGIN IMMEDIATE")
                  ? "; no row was deleted"
                  : ""));
      database.run("ROLLBACK");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          site show berlim             | site 'berlim' not found; did you mean 'berlin'?
          site delete berlim --yes     | site 'berlim' not found; did you mean 'berlin'?
          site delete berli --yes      | site 'berli' not found; did you mean 'berlin'?
          site show xyzzy              | site 'xyzzy' not found; 'patronus site list' shows the 3 that exist
          site restore lion            | deleted site 'lion' not found; did you mean 'lyon'?
          policy delete voic --yes     | policy 'voic' not found; did you mean 'voice'?
          site purge lion --yes        | deleted site 'lion' not found; did you mean 'lyon'?
          policy show voise            | policy 'voise' not found; did you mean 'voice'?
          stats --policy voise         | policy 'voise' not found; did you mean 'voice'?
          stats history --policy voise | policy 'voise' not found; did you mean 'voice'?
          export stats --policy voise  | policy 'voise' not found; did you mean 'voice'?
          path show 99                 | path 99 not found; 'patronus path list' shows the 3 that exist
          path list --site berlim      | site 'berlim' not found; did you mean 'berlin'?
          policy explain 10.0.0.1 192.0.2.10:443 --from berlim | site 'berlim' not found; did you mean 'berlin'?
          """)
  void an_unknown_name(String words, String message) throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    run("site delete lyon --yes");
    refuses(words, ExitCode.NOT_FOUND, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          stast                       | unknown command 'stast'; did you mean 'stats'?
          site delet berlin           | unknown command 'delet'; did you mean 'delete'?
          stats voice                 | unknown command 'voice'; did you mean '--policy voice'?
          stats history voice         | unknown argument 'voice'; did you mean '--policy voice'?
          path list berlin            | unknown argument 'berlin'; did you mean '--site berlin'?
          site list berlin            | unknown argument 'berlin'; see 'patronus site list --help'
          site delete berlin --dryrun | unknown option '--dryrun'; did you mean '--dry-run'?
          stst                        | unknown command 'stst'; did you mean 'stats'?
          shutdown                    | unknown command 'shutdown'; see 'patronus --help'
          shutdown --help             | unknown command 'shutdown'; see 'patronus --help'
          site lst --help             | unknown command 'lst'; did you mean 'list'?
          stats --no                  | unknown option '--no'; did you mean '--no-pager'?
          stats > file                | unknown command '>'; see 'patronus stats --help'
          stats --sort byte           | --sort: unknown 'byte'; did you mean 'bytes'?
          stats --sort weight         | --sort: unknown 'weight'; try priority, name, packets, bytes, flows, rate
          stats -o jsn                | --output: unknown 'jsn'; did you mean 'json'?
          path list --status dwon     | unknown path status 'dwon'; did you mean 'down'?
          site list --status foo      | unknown site status 'foo'; try active, inactive, degraded
          site list --sort weight     | --sort: no column 'weight'; there are site_name, status, paths_up, paths_degraded, paths_down, age_seconds, endpoints, site_id, paths, last_seen, created_at
          path list --status up,lost  | unknown path status 'lost'; try up, degraded, down
          stats flows --by colour     | --by: unknown 'colour'; try src, dst, sport, dport, proto, policy, path, exporter
          stats flows dst prot 80     | FILTER: expected host, net, port, portrange, an address or a prefix at character 5, not 'prot'; did you mean 'port'?
          export flows port https     | FILTER: expected a port from 0 to 65535 at character 6, not 'https'
          export stats -x 3           | unknown option '-x'; see 'patronus export stats --help'
          status --check ready --templates | give --check or --templates, not both
          """)
  void a_word_that_the_command_does_not_know(String words, String message) throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    refuses(words, ExitCode.USAGE, message);
  }

  @ParameterizedTest
  @CsvSource({"db,stats", "socket,status"})
  void a_file_in_the_configuration_without_a_name(String key, String words) throws Exception {
    Path config = Files.writeString(folder.resolve("patronus.conf"), "# ours\n" + key + " =\n");
    Outcome outcome = CommandLineRun.bare().run("--config", config.toString(), words);
    outcome.failed(
        ExitCode.USAGE,
        key
            + " has no value ("
            + config
            + " line 2); write "
            + key
            + " = FILE, or remove the line");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "export stats --file /",
        "export flows --file /",
        "export stats --file / --append --since-last FOLDER/state",
        "report --file /",
        "db backup /",
      })
  void the_root_as_a_file(String words) throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    refuses(words, ExitCode.REFUSED, "/ is a folder; name a file in it");
  }

  @ParameterizedTest
  @CsvSource({
    "site show bd, site",
    "site delete bd --yes, site",
    "path list --site bd, site",
    "site restore 23b8, deleted site",
    "site purge 23b8 --yes, deleted site",
    "policy show 1, policy",
    "stats --policy 1, policy",
  })
  void an_ambiguous_beginning(String words, String kind) throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    try (PlatformDatabase database = PlatformDatabase.open(file())) {
      database.site("23b8ffff-0000-4000-8000-000000000000", "oslo").policy(12, "video", 3, "{}");
    }
    if (kind.startsWith("deleted")) {
      run("site delete hamburg oslo --yes");
    }
    Map<String, String> before = Snapshot.of(folder);
    Outcome outcome = run(words);
    assertEquals(ExitCode.REFUSED, outcome.exitCode(), outcome::toString);
    assertTrue(
        outcome
            .err()
            .matches(
                "patronus: "
                    + kind
                    + " '\\w+' is ambiguous; use one of these ids: \\S+ \\(\\w+\\),"
                    + " .*\n"),
        outcome::toString);
    assertEquals("", outcome.out());
    assertEquals(before, Snapshot.of(folder));
  }

  /// Each option of a command whose value is a time, with what it is called in the manual.
  static Stream<Arguments> times() {
    List<Arguments> found = new ArrayList<>();
    CommandLine whole = CommandModel.whole(CommandTree.ROOT, new GlobalOptions());
    collectTimes(whole.getCommandSpec(), found);
    return found.stream();
  }

  private static void collectTimes(CommandSpec spec, List<Arguments> found) {
    for (OptionSpec option : spec.options()) {
      if (option.paramLabel().matches(".*(TIME|DURATION|RANGE|STEP).*")) {
        found.add(
            Arguments.of(
                spec.qualifiedName().replaceFirst("^patronus ?", ""), option.longestName()));
      }
    }
    spec.subcommands().values().forEach(child -> collectTimes(child.getCommandSpec(), found));
  }

  @ParameterizedTest
  @MethodSource("times")
  void a_bad_time(String command, String option) throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    Specimen specimen =
        CommandMatrix.specimens().stream()
            .filter(each -> CommandMatrix.commandOf(each.words()).equals(command))
            .findFirst()
            .orElseThrow();
    Map<String, String> before = Snapshot.of(folder);
    String others = specimen.words().replaceAll(" (--(since|step|older-than|for)|-W) [^ ]+", "");
    Outcome outcome = run(others + " " + option + " soonish");
    assertEquals(ExitCode.USAGE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.err().contains("'soonish'"), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertEquals("", outcome.out());
    assertEquals(before, Snapshot.of(folder));
  }

  @Test
  void a_bad_rule_is_named_and_harms_no_other_policy() throws Exception {
    SampleDatabase.make(folder, Age.NEWEST);
    String complaint =
        "match_rules: src_ip: prefix length must be 0..32, was '33' in '10.99.0.0/33'";
    Outcome list = run("policy list");
    assertEquals(ExitCode.DONE, list.exitCode());
    assertTrue(list.out().contains("Policy 'guests' (9): " + complaint), list.out());
    assertTrue(list.out().contains("voice"), list.out());
    assertTrue(run("policy show guests").out().contains("Invalid: " + complaint));
    assertEquals(ExitCode.DONE, run("stats").exitCode());
    assertTrue(run("policy explain 10.99.0.1 192.0.2.10:443").out().contains("office"));
    assertEquals(ExitCode.LIMIT_EXCEEDED, run("db check").exitCode());
  }
}
