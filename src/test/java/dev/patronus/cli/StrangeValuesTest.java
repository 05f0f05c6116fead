package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows that the schema forbids: NULL, text where a number belongs, and blobs, as a table without
/// NOT NULL or another program leaves them.
class StrangeValuesTest {
  private static final List<String> TABLES =
      List.of(
          "sdwan_sites",
          "sdwan_endpoints",
          "sdwan_paths",
          "sdwan_path_metrics",
          "sdwan_policies",
          "sdwan_policy_stats",
          "sdwan_system_metrics",
          "sdwan_path_health",
          "sdwan_failover_policies",
          "sdwan_flows",
          "audit_logs");

  private static final List<String> VALUES = List.of("NULL", "'nonsense'", "x'00ff'");

  @TempDir private static Path templates;
  private static Path template;
  @TempDir private Path folder;

  @BeforeAll
  static void makeTemplate() throws Exception {
    template = SampleDatabase.make(templates, Age.NEWEST);
    CommandLineRun.on(template).out("site", "delete", "lyon", "--yes");
    CommandLineRun.on(template).out("policy", "delete", "default", "--yes");
    try (PlatformDatabase database = PlatformDatabase.open(template)) {
      database.run("PRAGMA writable_schema = ON");
      database.run(
          "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE type = 'table' AND name"
              + " NOT LIKE 'sqlite%'");
    }
  }

  static Stream<Arguments> cases() {
    return TABLES.stream()
        .flatMap(table -> VALUES.stream().map(value -> Arguments.of(table, value)));
  }

  /// Puts the value into every column of the first row, the primary key aside.
  private Path spoiled(String table, String value) throws Exception {
    Path file =
        Files.copy(template, folder.resolve("spoiled.db"), StandardCopyOption.REPLACE_EXISTING);
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      database.run("PRAGMA foreign_keys = OFF");
      database.run("PRAGMA ignore_check_constraints = ON");
      List<String> settings = new ArrayList<>();
      for (String column :
          database.rows("SELECT name FROM pragma_table_info('" + table + "') WHERE pk = 0")) {
        settings.add(column + " = " + value);
      }
      database.run(
          "UPDATE OR REPLACE "
              + table
              + " SET "
              + String.join(", ", settings)
              + " WHERE rowid = (SELECT min(rowid) FROM "
              + table
              + ")");
    }
    return file;
  }

  private static boolean reads(Specimen specimen) {
    return specimen.opensDatabase()
        || specimen.words().equals("doctor")
        || specimen.words().startsWith("__complete");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void no_command_ends_with_an_unexpected_failure(String table, String value) throws Exception {
    Path file = spoiled(table, value);
    List<String> failures = new ArrayList<>();
    for (Specimen specimen : CommandMatrix.specimens()) {
      if (reads(specimen)) {
        Path place = Files.createTempDirectory(folder, "run");
        Path database = Files.copy(file, place.resolve("sdwan.db"));
        String[] words = specimen.words().replace("FOLDER", place.toString()).split(" ", -1);
        Outcome outcome =
            CommandLineRun.on(database)
                .env("PATRONUS_STATE_DIR", place.toString())
                .env("PATRONUS_SOCKET", place.resolve("none").toString())
                .run(words);
        if ((outcome.out() + outcome.err()).contains("unexpected failure")) {
          failures.add(specimen + ": " + outcome.err());
        }
      }
    }
    assertEquals(List.of(), failures);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_check_names_the_row_of_a_null_and_of_a_blob(String table, String value)
      throws Exception {
    if (!value.startsWith("'") && !table.equals("sdwan_flows")) {
      Outcome outcome = CommandLineRun.on(spoiled(table, value)).run("db", "check", "-o", "csv");
      // A blob in a column of a foreign key is an error besides.
      assertNotEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
      assertTrue(
          outcome
              .out()
              .lines()
              .anyMatch(line ->
                  line.matches(
                      "warning,values,.*"
                          + table
                          + "\\.\\w+ is no .* in row -?\\d+: it is (NULL|blob).*SELECT rowid.*")),
          outcome::toString);
    }
  }

  @Test
  void the_check_counts_them_and_names_the_first() throws Exception {
    Path file = Files.copy(template, folder.resolve("many.db"));
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      database.run("UPDATE sdwan_policy_stats SET bytes_matched = 'nonsense' WHERE stat_id > 890");
      long count = database.number("SELECT count(*) FROM sdwan_policy_stats WHERE stat_id > 890");
      long first =
          database.number("SELECT min(stat_id) FROM sdwan_policy_stats WHERE stat_id > 890");
      String out = CommandLineRun.on(file).run("db", "check", "-o", "csv").out();
      assertTrue(
          out.contains(
              "sdwan_policy_stats.bytes_matched is no whole number in "
                  + count
                  + " rows, the first is row "
                  + first
                  + " with text"),
          out);
    }
  }
}
