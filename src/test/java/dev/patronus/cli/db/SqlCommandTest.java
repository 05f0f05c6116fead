package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlCommandTest {
  private static final String ENDLESS =
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

  @TempDir private Path folder;
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database =
        PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)
            .site("0b6f1a52-6f5e-4b4e-9d7b-1c2d3e4f5a6b", "berlin")
            .site("7c1e2d3f-0000-4000-8000-000000000001", "são paulo")
            .policy(-1, "voice", 10, "{}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private Outcome run(String... words) {
    String[] all = new String[words.length + 1];
    all[0] = "sql";
    System.arraycopy(words, 0, all, 1, words.length);
    return CommandLineRun.on(database.file()).run(all);
  }

  private String out(String... words) {
    Outcome outcome = run(words);
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.err());
    return outcome.out();
  }

  @Test
  void a_query_is_shown_as_a_table() {
    assertEquals(
        """
        SITE_NAME  LENGTH(SITE_NAME)
        berlin                     6
        são paulo                  9
        """,
        out("SELECT site_name, length(site_name) FROM sdwan_sites ORDER BY 1"));
  }

  @Test
  void its_words_may_be_quoted_as_one_or_not_at_all() {
    assertEquals("1\n2\n", out("--no-headers", "VALUES", "(1),", "(2);"));
  }

  @Test
  void every_kind_of_value_has_its_form_in_every_format() {
    String query = "SELECT -7 AS a, 0.0001 AS b, x'00ff' AS c, NULL AS d, 'x' AS e, 1 AS e";
    assertEquals(
        """
         A       B  C        D  E  E_2
        -7  0.0001  x'00ff'  -  x    1
        """,
        out(query));
    assertTrue(
        out(query, "--json")
            .contains("{\"a\":-7,\"b\":0.0001,\"c\":\"x'00ff'\",\"d\":null,\"e\":\"x\",\"e_2\":1}"),
        out(query, "--json"));
    assertEquals(
        "a,b,c,d,e,e_2\n-7,0.0001,\"x'00ff'\",,x,1\n", out(query, "-o", "csv").replace("\r", ""));
  }

  @Test
  void policy_ids_are_unsigned_as_everywhere() {
    assertTrue(
        out("SELECT policy_id FROM sdwan_policies", "--json").contains("\"18446744073709551615\""));
  }

  @Test
  void more_rows_than_wanted_are_said_to_be_there() {
    String shown = out("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3", "-n", "2");
    assertTrue(shown.contains("Only the first 2 rows are shown"), shown);
    assertTrue(out("VALUES (1),(2)", "-n", "1", "--json").contains("\"truncated\": true"));
    assertTrue(out("VALUES (1),(2)", "-n", "2", "--json").contains("\"truncated\": false"));
    assertTrue(run("VALUES (1),(2)", "-n", "1", "-o", "csv").err().contains("first row"));
  }

  @Test
  void no_row_is_said_to_people() {
    assertEquals("No rows.\n", out("SELECT 1 WHERE 0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM sdwan_sites",
        "update sdwan_sites set site_name = 'x'",
        "/* SELECT */ DROP TABLE sdwan_sites",
        "PRAGMA query_only = OFF",
        "PRAGMA journal_mode = WAL",
        "ATTACH 'other.db' AS other",
        "VACUUM INTO 'copy.db'",
        "BEGIN EXCLUSIVE",
        "",
      })
  void what_is_no_query_is_refused(String sql) throws SQLException {
    Outcome outcome = run(sql);
    assertEquals(ExitCode.REFUSED, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.out());
    assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites WHERE site_name <> 'x'"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH x AS (SELECT 1) DELETE FROM sdwan_sites",
        "WITH x AS (SELECT 1) INSERT INTO sdwan_policies SELECT 9, 'x', 1, '{}', '\"LowestCost\"', 1",
        "SELECT load_extension('x')",
        "SELECT writefile('out', 'x')",
      })
  void a_change_behind_the_beginning_of_a_query_changes_nothing(String sql) throws SQLException {
    Outcome outcome = run(sql);
    assertFalse(outcome.exitCode() == ExitCode.DONE, outcome::toString);
    assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
    assertEquals(1, database.number("SELECT count(*) FROM sdwan_policies"));
  }

  @Test
  void a_change_in_the_dress_of_a_query_is_said_to_be_one() {
    run("WITH x AS (SELECT 1) DELETE FROM sdwan_sites")
        .failed(
            ExitCode.REFUSED, "that would change the database; nothing can be changed this way");
  }

  @Test
  void a_second_statement_is_refused_and_no_comment_is_one() {
    run("SELECT 1; DELETE FROM sdwan_sites")
        .failed(ExitCode.USAGE, "one statement at a time; what follows the ';' is one");
    assertEquals("1\n", out("--no-headers", "SELECT 1; -- done;\n /* ; */ ;"));
    assertEquals("a;b\n", out("--no-headers", "SELECT 'a;b'"));
  }

  @Test
  void what_sqlite_does_not_understand_is_one_line() {
    run("SELECT FROM").failed(ExitCode.USAGE, "SQL: near \"FROM\": syntax error");
    run("SELECT site FROM sdwan_sites").failed(ExitCode.USAGE, "SQL: no such column: site");
  }

  @Test
  void a_table_that_is_not_there_is_answered_with_those_that_are() {
    Outcome outcome = run("SELECT * FROM sites");
    assertTrue(
        outcome.err().startsWith("patronus: SQL: no such table: sites; there are audit_logs, "),
        outcome.err());
    assertEquals(1, outcome.err().lines().count());
  }

  @Test
  void a_query_that_takes_too_long_is_ended() {
    run("--timeout", "1s", ENDLESS)
        .failed(
            ExitCode.FAILED,
            "the query took longer than 1.0 s and was ended; give it more with --timeout, or ask"
                + " for less");
  }

  @Test
  void no_file_is_made_beside_the_database() throws IOException {
    out("SELECT * FROM sdwan_sites");
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void a_value_that_is_too_large_is_one_line() {
    Outcome outcome = run("SELECT zeroblob(1000000000)");
    assertEquals(ExitCode.FAILED, outcome.exitCode());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
  }
}
