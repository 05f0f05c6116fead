package dev.patronus.cli.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.command.Command;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever name a command is told to write, nothing is lost by it.
class WrittenFilesTest {
  private static final String NORTH = "aaaaaaaa-0000-4000-8000-000000000001";
  private static final String SOUTH = "bbbbbbbb-0000-4000-8000-000000000002";
  private static final String WEST = "cccccccc-0000-4000-8000-000000000003";

  @TempDir Path folder;
  private PlatformDatabase platform;
  private CommandLineRun cli;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.policy(7, "voice", 100, "{}").stat(7, 60, 1, 1, 1);
    cli = CommandLineRun.on(platform.file());
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private Outcome run(String line, Path... files) {
    List<String> words = new ArrayList<>(List.of(line.split(" ", -1)));
    for (Path file : files) {
      words.set(words.indexOf("FILE"), file.toString());
    }
    return cli.run(words.toArray(String[]::new));
  }

  private List<String> numbers(Path file) throws IOException {
    return Files.readAllLines(file);
  }

  @Test
  void no_command_writes_over_the_database_or_what_belongs_to_it() throws IOException {
    Path hard = Files.createLink(folder.resolve("hard"), platform.file());
    Path log = Path.of(platform.file() + "-wal");
    byte[] before = Files.readAllBytes(platform.file());
    for (Path file : List.of(platform.file(), hard, log)) {
      for (String line :
          List.of(
              "export stats --file FILE --force",
              "export audit --file FILE --force",
              "export stats --since-last FILE --restart",
              "report --file FILE --force",
              "db backup FILE --force")) {
        Outcome outcome = run(line, file);
        assertEquals(ExitCode.REFUSED, outcome.exitCode(), line + " " + outcome);
        assertTrue(outcome.err().contains("name another file"), outcome::err);
      }
    }
    assertArrayEquals(before, Files.readAllBytes(platform.file()));
    assertFalse(Files.exists(log));
  }

  @Test
  void another_database_is_no_output() throws IOException, SQLException {
    Path other = folder.resolve("other.db");
    assertEquals(ExitCode.DONE, run("db backup FILE", other).exitCode());
    run("export stats --file FILE --force", other)
        .failed(
            ExitCode.REFUSED,
            other + " is a SQLite database, and is left as it is; name another file with --file");
    assertEquals(ExitCode.DONE, run("db backup FILE --force", other).exitCode());
  }

  @Test
  void a_device_is_no_file() {
    run("export stats --file /dev/null --force")
        .failed(
            ExitCode.REFUSED,
            "/dev/null is a device, not a file; leave out --file, and redirect the output there");
    run("db backup /dev/null --force")
        .failed(ExitCode.REFUSED, "/dev/null is a device, not a file; name another file");
    assertEquals(ExitCode.REFUSED, run("db init /dev/null").exitCode());
  }

  @Test
  void an_export_replaces_a_file_only_with_force_and_keeps_its_mode() throws IOException {
    Path file = Files.writeString(folder.resolve("rows.csv"), "precious");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    run("export stats --file FILE", file)
        .failed(
            ExitCode.REFUSED,
            file
                + " exists already, and is left as it is; choose another name, or add --force to"
                + " replace it");
    assertEquals("precious", Files.readString(file));
    assertEquals(ExitCode.DONE, run("export stats --file FILE --force", file).exitCode());
    assertTrue(Files.readString(file).startsWith("stat_id,"));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void a_refusal_is_a_document_where_one_was_asked_for() throws IOException {
    Path file = Files.writeString(folder.resolve("rows.json"), "precious");
    Outcome outcome = run("export stats --file FILE -o json", file);
    assertEquals(ExitCode.REFUSED, outcome.exitCode());
    assertTrue(outcome.out().contains("exists already"), outcome::out);
  }

  @Test
  void a_dash_is_standard_output() throws IOException {
    assertTrue(run("export stats --file -").out().startsWith("stat_id,"));
    assertFalse(Files.exists(Path.of("-")));
  }

  @Test
  void two_options_of_one_name_are_wrong_usage() {
    Path state = folder.resolve("state");
    run("export stats --since-last FILE --file FILE", state, state)
        .failed(
            ExitCode.USAGE,
            state + " is the state of --since-last itself; name another file with --file");
  }

  @Test
  void a_state_whose_lock_would_be_the_database_is_refused() throws IOException {
    Path database = Files.copy(platform.file(), folder.resolve("site.lock"));
    byte[] before = Files.readAllBytes(database);
    CommandLineRun.on(database)
        .run("export", "stats", "--since-last", folder.resolve("site").toString())
        .failed(
            ExitCode.REFUSED,
            database + " is the database itself; name another file with --since-last");
    assertArrayEquals(before, Files.readAllBytes(database));
  }

  @Test
  void only_a_state_is_started_over() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "precious");
    Outcome outcome = run("export stats --since-last FILE --restart", file);
    assertEquals(ExitCode.REFUSED, outcome.exitCode());
    assertFalse(outcome.err().contains("--restart"), outcome::err);
    assertEquals("precious", Files.readString(file));
    assertFalse(Files.exists(folder.resolve("notes.txt.lock")), "the lock of the refused run");
  }

  @Test
  void the_cron_examples_of_the_help_keep_every_batch() throws IOException, SQLException {
    for (String line :
        new ExportStatsCommand()
            .examples().stream()
                .map(Command.Example::command)
                .filter(command -> command.contains("--since-last") && command.contains("--file"))
                .toList()) {
      Path place = Files.createDirectory(folder.resolve("run" + line.hashCode()));
      List<String> words = new ArrayList<>(List.of(line.split(" ", -1)));
      for (String option : List.of("--since-last", "--file")) {
        int at = words.indexOf(option) + 1;
        words.set(at, place.resolve(Path.of(words.get(at)).getFileName()).toString());
      }
      long rows = 0;
      for (int batch = 0; batch < 3; batch++) {
        platform.stat(7, 60, 1, 1, 1);
        CommandLineRun at = cli.at("2026-11-23T14:0" + batch + ":00Z");
        CommandLineRun later = cli.at("2026-11-23T14:0" + batch + ":30Z");
        assertEquals(ExitCode.DONE, at.run(words.toArray(String[]::new)).exitCode(), line);
        assertEquals(
            ExitCode.DONE, later.run(words.toArray(String[]::new)).exitCode(), "nothing new");
      }
      try (Stream<Path> files = Files.list(place)) {
        for (Path file : files.filter(f -> f.toString().contains("rows")).toList()) {
          try (InputStream plain = Files.newInputStream(file);
              InputStream in =
                  file.toString().endsWith(".gz") ? new GZIPInputStream(plain) : plain) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            rows += text.lines().filter(l -> !l.startsWith("stat_id")).count();
          }
        }
      }
      assertEquals(platform.number("SELECT count(*) FROM sdwan_policy_stats"), rows, line);
    }
  }

  @Test
  void a_second_batch_without_append_is_refused_and_nothing_new_touches_nothing()
      throws IOException, SQLException {
    Path state = folder.resolve("state");
    Path file = folder.resolve("rows.csv");
    String line = "export stats --columns stat_id --no-headers --since-last FILE --file FILE";
    assertEquals(ExitCode.DONE, run(line, state, file).exitCode());
    assertEquals(ExitCode.REFUSED, run(line, state, file).exitCode());
    assertEquals(ExitCode.DONE, run(line + " --force", state, file).exitCode());
    assertEquals(List.of("1"), numbers(file), "nothing was new");
    platform.stat(7, 60, 1, 1, 1);
    assertEquals(ExitCode.DONE, run(line + " --append", state, file).exitCode());
    assertEquals(List.of("1", "2"), numbers(file));
  }

  @Test
  void rows_are_appended_only_to_the_same_columns() throws IOException {
    Path file = Files.writeString(folder.resolve("rows.csv"), "precious\n");
    Outcome outcome =
        run("export stats --append --since-last FILE --file FILE", folder.resolve("s"), file);
    outcome.failed(
        ExitCode.REFUSED,
        file
            + " has different columns; the file was not changed; use another file with"
            + " --file");
    assertEquals("precious\n", Files.readString(file));
  }

  @Test
  void a_new_database_and_a_backup_are_not_for_everybody() throws IOException {
    Path made = folder.resolve("made.db");
    Path copy = folder.resolve("copy.db");
    assertEquals(ExitCode.DONE, run("db init FILE", made).exitCode());
    assertEquals(ExitCode.DONE, run("db backup FILE", copy).exitCode());
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
    assertEquals(ExitCode.DONE, run("db backup FILE --force", copy).exitCode());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
  }

  private void mesh() throws SQLException {
    platform.site(NORTH, "north").site(SOUTH, "south").site(WEST, "west");
    platform.path(1, NORTH, SOUTH).path(2, SOUTH, WEST).path(3, WEST, NORTH);
  }

  private void measure(long path) throws SQLException {
    if (platform.number("SELECT count(*) FROM sdwan_paths WHERE path_id = " + path) == 1) {
      platform.metric(path, 60, 1.0);
    }
  }

  private static final String METRICS =
      "export path-metrics --columns metric_id --no-headers --since-last FILE --file FILE";

  @Test
  void rows_that_a_restored_site_brings_back_are_handed_over_once()
      throws IOException, SQLException {
    mesh();
    Path state = folder.resolve("state");
    measure(2);
    assertEquals(ExitCode.DONE, run(METRICS, state, folder.resolve("m1")).exitCode());
    measure(1);
    assertEquals(ExitCode.DONE, cli.run("site", "delete", "north", "--yes").exitCode());
    measure(2);
    assertEquals(ExitCode.DONE, run(METRICS, state, folder.resolve("m2")).exitCode());
    assertEquals(ExitCode.DONE, cli.run("site", "restore", "north").exitCode());
    assertEquals(ExitCode.DONE, run(METRICS, state, folder.resolve("m3")).exitCode());
    assertEquals(ExitCode.DONE, run(METRICS, state, folder.resolve("m4")).exitCode());
    assertEquals(List.of("1"), numbers(folder.resolve("m1")));
    assertEquals(List.of("3"), numbers(folder.resolve("m2")));
    assertEquals(List.of("2"), numbers(folder.resolve("m3")));
    assertFalse(Files.exists(folder.resolve("m4")));
  }

  @Test
  void health_samples_that_a_restored_site_brings_back_are_handed_over_once()
      throws IOException, SQLException {
    mesh();
    String export =
        "export path-health --columns health_id --no-headers --since-last FILE --file FILE";
    Path state = folder.resolve("state");
    health(1);
    health(2);
    assertEquals(ExitCode.DONE, run(export, state, folder.resolve("h1")).exitCode());
    health(1);
    assertEquals(ExitCode.DONE, cli.run("site", "delete", "north", "--yes").exitCode());
    health(2);
    assertEquals(ExitCode.DONE, run(export, state, folder.resolve("h2")).exitCode());
    assertEquals(ExitCode.DONE, run(export, state, folder.resolve("h3")).exitCode());
    assertEquals(ExitCode.DONE, cli.run("site", "restore", "north").exitCode());
    assertEquals(ExitCode.DONE, run(export, state, folder.resolve("h4")).exitCode());
    assertEquals(List.of("1", "2"), numbers(folder.resolve("h1")));
    assertEquals(List.of("4"), numbers(folder.resolve("h2")));
    assertFalse(Files.exists(folder.resolve("h3")));
    assertEquals(List.of("3"), numbers(folder.resolve("h4")));
  }

  private void health(long path) throws SQLException {
    platform.run(
        "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
            + " jitter_ms, health_score, status) VALUES (?, 60, 12.5, 0, 1, 97, 'up')",
        Long.toString(path));
  }

  /// A simple model: which rows are there, and which were handed over. A row is handed over by the
  /// first export at which it is there, and never again.
  @Test
  void whatever_is_deleted_and_restored_each_row_is_handed_over_once()
      throws IOException, SQLException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    mesh();
    TreeMap<String, Integer> handedOver = new TreeMap<>();
    List<String> expected = new ArrayList<>();
    Path state = folder.resolve("state");
    String[] sites = {"north", "south", "west"};
    for (int step = 0; step < 250; step++) {
      String site = sites[random.nextInt(3)];
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> measure(1 + random.nextInt(3));
        case 3 -> cli.run("site", "delete", site, "--yes");
        case 4, 5 -> cli.run("site", "restore", site);
        default -> {
          Path file = folder.resolve("batch-" + step);
          assertEquals(ExitCode.DONE, run(METRICS, state, file).exitCode(), "seed " + seed);
          if (Files.exists(file)) {
            numbers(file).forEach(row -> handedOver.merge(row, 1, Integer::sum));
          }
          for (String row : platform.rows("SELECT metric_id FROM sdwan_path_metrics")) {
            if (!expected.contains(row)) {
              expected.add(row);
            }
          }
          assertEquals(
              expected.stream().sorted().toList(),
              List.copyOf(handedOver.keySet()),
              "step " + step + ", seed " + seed);
        }
      }
    }
    assertTrue(handedOver.values().stream().allMatch(times -> times == 1), "seed " + seed);
    assertTrue(expected.size() > 5, "seed " + seed);
  }
}
