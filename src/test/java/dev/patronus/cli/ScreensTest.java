package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.CommandMatrix.Effect;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.cli.complete.ColumnCandidates;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.metrics.Metrics;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.testing.Golden;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What people see of each command that reads the database, on screens of three widths, and the
/// columns that are completed. The texts are in `src/test/resources/dev/patronus/cli/screens` and
/// `src/main/resources/dev/patronus/cli/completion/columns.txt`; `-Drenew` writes them anew.
class ScreensTest {
  private static final Path SCREENS = Path.of("src/test/resources/dev/patronus/cli/screens");
  private static final Path MAIN = Path.of("src/main/resources");

  @TempDir private static Path folder;
  private static CommandLineRun cli;
  private static CommandLineRun rolledUp;

  @BeforeAll
  static void make() throws Exception {
    rolledUp =
        CommandLineRun.on(
            SampleDatabase.make(Files.createDirectory(folder.resolve("rolled-up")), Age.NEWEST));
    rolledUp.out("db", "migrate");
    Path file = SampleDatabase.make(folder, Age.NEWEST);
    cli = CommandLineRun.on(file);
    cli.out("site", "delete", "lyon", "--yes");
    cli.out("policy", "delete", "default", "--yes");
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      database
          .run("UPDATE audit_logs SET user_id = 'root' WHERE user_id <> 'alice'")
          .run("UPDATE patronus_deleted_sites SET deleted_by = 'root'");
    }
  }

  /// Exports are no screens, the check of a database tells the size of its file, a measurement
  /// depends on the network, and what an alert would send names this machine.
  private static List<Specimen> screens() {
    return CommandMatrix.specimens().stream()
        .filter(each -> each.effect() == Effect.READS && each.document())
        .filter(each -> !each.words().startsWith("export "))
        .filter(each -> !each.words().startsWith("db ") || each.words().equals("db leftovers"))
        .filter(each -> !each.words().startsWith("path probe "))
        .filter(each -> !each.words().startsWith("alert test busy --dry-run"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 80, 200})
  void a_command_looks_as_it_did(int columns) throws IOException {
    StringBuilder all = new StringBuilder();
    for (Specimen each : screens()) {
      CommandLineRun on = each.words().startsWith("stats budget") ? rolledUp : cli;
      Outcome outcome = on.onTerminal(columns, 1000).run(each.words().split(" ", -1));
      all.append("$ patronus ").append(each.words()).append('\n').append(outcome.out());
      all.append('\n');
      outcome
          .out()
          .lines()
          .forEach(line -> assertTrue(DisplayWidth.of(line) <= columns, each + ": " + line));
    }
    Golden.check(SCREENS.resolve(columns + ".txt"), all.toString());
  }

  /// Of each command with a table, what the first line of its CSV is.
  @Test
  void the_columns_that_are_completed_are_those_that_there_are() throws IOException {
    Map<String, String> columns = new TreeMap<>();
    for (Specimen each : CommandMatrix.specimens()) {
      String name = name(each.words());
      if (each.effect() == Effect.READS && each.document() && !name.equals("sql")) {
        header(cli, each.words(), name, columns);
      }
    }
    withDaemon(columns);
    StringBuilder lines = new StringBuilder();
    columns.forEach((name, header) -> lines.append(name + " = " + header + "\n"));
    Golden.check(Path.of(MAIN + ColumnCandidates.RESOURCE), lines.toString());
  }

  private static void withDaemon(Map<String, String> columns) throws IOException {
    Path path = folder.resolve("patronus.sock");
    Instant now = Instant.parse("2026-11-23T14:00:00Z");
    String database = folder.resolve("sdwan.db").toString();
    try (ControlServer socket =
        new ControlServer(
            path,
            (request, _) ->
                request instanceof Request.Flows
                    ? new Reply.Flows(now, 0, 0, List.of(), Map.of())
                    : new Reply.Stats(
                        database, now, List.of(), new Reply.Bucket(0, 0, 0), false, false),
            new Metrics())) {
      socket.start();
      CommandLineRun live = cli.env("PATRONUS_SOCKET", path.toString());
      header(live, "stats flows", "stats flows", columns);
      header(live, "export flows", "export flows", columns);
    }
  }

  private static void header(
      CommandLineRun cli, String words, String name, Map<String, String> columns) {
    Outcome outcome = cli.run((words + " -o csv").split(" ", -1));
    String header = outcome.out().lines().findFirst().orElse("").replace(",", " ");
    if (outcome.exitCode() != ExitCode.NOT_FOUND && !header.isEmpty()) {
      columns.merge(name, header, (a, b) -> a.length() >= b.length() ? a : b);
    }
  }

  /// The words that name the command.
  private static String name(String words) {
    String[] parts = words.split(" ", -1);
    boolean group =
        CommandTree.ROOT.children().stream()
            .filter(node -> node.name().equals(parts[0]))
            .flatMap(node -> node.children().stream())
            .anyMatch(child -> parts.length > 1 && child.name().equals(parts[1]));
    return group ? parts[0] + " " + parts[1] : parts[0];
  }

  @Test
  void a_name_behind_the_first_thousand_is_completed() throws Exception {
    Path many = folder.resolve("many");
    Files.createDirectory(many);
    try (PlatformDatabase database = PlatformDatabase.create(many, Age.NEWEST)) {
      database.run(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
              + " INSERT INTO sdwan_policies SELECT -i, printf('policy-%05d', i), 5, '{}',"
              + " '\"LowestCost\"', 1 FROM n");
      CommandLineRun all = CommandLineRun.on(database.file());
      assertEquals(
          "policy-09999\t18446744073709541617\n",
          all.out("__complete", "--", "policy", "show", "Policy-0999").lines().toList().getLast()
              + "\n");
      assertEquals(
          "18446744073709541616\tpolicy-10000\n",
          all.out("__complete", "--", "policy", "show", "18446744073709541616"));
    }
  }

  @Test
  void every_list_completes_its_columns_and_sorts_by_each() throws IOException {
    assertEquals(
        cli.out("site", "list", "-o", "csv").lines().findFirst().orElseThrow().split(",").length,
        cli.out("__complete", "--", "site", "list", "--columns", "").lines().count());
    assertEquals("--sort=status\n", cli.out("__complete", "--", "site", "list", "--sort=st"));
    assertEquals(
        "site_name,status\n",
        cli.out("__complete", "--", "site", "list", "--columns", "site_name,st"));
    assertEquals(
        "bytes\nbytes_per_second\n",
        cli.out("__complete", "--", "stats", "flows", "--columns", "byt"));
  }
}
