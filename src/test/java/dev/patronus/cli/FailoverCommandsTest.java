package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class FailoverCommandsTest {
  private static final long HOUR_AGO = 1795438800;

  @TempDir private Path folder;
  private PlatformDatabase database;
  private CommandLineRun cli;

  @BeforeEach
  void create() throws Exception {
    database = PlatformDatabase.create(folder, Age.NEWEST);
    database
        .site("aa", "berlin")
        .site("bb", "lyon")
        .path(1, "aa", "bb")
        .path(2, "bb", "aa")
        .run("UPDATE sdwan_paths SET status = 'degraded' WHERE path_id = 2")
        .run(
            "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id,"
                + " backup_path_ids) VALUES (-1, 'wan', '1', '[\"2\",9]'), (5, 'broken', '2', '[')")
        .run(
            "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
                + " jitter_ms, health_score, status) VALUES ('2', 5, 12, 0.5, 1, 97.5, 'up')");
    cli = CommandLineRun.on(database.file());
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private void event(long at, String type, String from, String to) throws SQLException {
    database.run(
        "INSERT INTO sdwan_failover_events (policy_id, event_type, from_path_id, to_path_id,"
            + " reason, timestamp) VALUES (-1, ?, ?, ?, 'test', ?)",
        type,
        from,
        to,
        at);
  }

  private String active() {
    return cli.out(
            "failover",
            "list",
            "-o",
            "csv",
            "--no-headers",
            "--columns",
            "active_path_id,role",
            "--sort",
            "name")
        .lines()
        .toList()
        .get(1);
  }

  @Test
  void the_list_can_be_limited_to_a_status_of_the_active_path() throws Exception {
    String[] names = {"-o", "csv", "--no-headers", "--columns", "name"};
    assertEquals("broken\r\n", list("degraded", names));
    assertEquals("wan\r\n", list("UP", names));
    database.run("UPDATE sdwan_failover_policies SET primary_path_id = '77' WHERE name = 'wan'");
    assertEquals("wan\r\n", list("missing", names));
    assertEquals("No matching failover policies.\n", list("down"));
    cli.run("failover", "list", "--status", "upp")
        .failed(ExitCode.USAGE, "unknown active path status 'upp'; did you mean 'up'?");
  }

  private String list(String status, String... more) {
    List<String> words = new ArrayList<>(List.of("failover", "list", "--status", status));
    words.addAll(List.of(more));
    return cli.out(words.toArray(String[]::new));
  }

  @Test
  void the_list_has_the_active_path_of_each_policy_and_its_last_event() throws Exception {
    event(HOUR_AGO, "triggered", "1", "2");
    assertEquals(
        """
        FAILOVER POLICY  ON   PATH  FROM  TO      ROLE     STATUS    LAST EVENT  AGE
        broken           yes  2     lyon  berlin  primary  degraded  -             -
        wan              yes  2     lyon  berlin  backup   degraded  triggered   1 h
        """,
        cli.out("failover", "list"));
  }

  @ParameterizedTest
  @CsvSource({
    "triggered,       1, 2, '2,backup'",
    "completed,       1, 2, '2,backup'",
    "completed,       2, 1, '1,primary'",
    "failed,          2, 9, '2,backup'", // the switch to 9 failed
    "policy_disabled, 2, 9, '1,primary'", // names no path for traffic
    "completed,       1, 7, '1,primary'", // no path of the policy any more
  })
  void the_active_path_is_that_of_the_last_switch(
      String type, String from, String to, String active) throws Exception {
    event(HOUR_AGO - 60, "completed", "2", "1");
    event(HOUR_AGO, type, from, to);
    assertEquals(active, active());
  }

  @Test
  void a_policy_is_shown_with_its_paths_in_order_and_its_last_events() throws Exception {
    event(HOUR_AGO, "triggered", "1", "2");
    event(HOUR_AGO + 3, "completed", "1", "2");
    event(HOUR_AGO + 60, "policy_enabled", null, null);
    assertEquals(
        """
        policy id            18446744073709551615
        name                 wan
        enabled              yes
        active path id       2
        role                 backup
        active since         2026-11-23 13:00:03
        failover threshold   50.00
        failback threshold   80.00
        failback delay secs  60

        PATH  ROLE     ACTIVE  FROM    TO      STATUS    HEALTH SCORE
        1     primary  no      berlin  lyon    up                   -
        2     backup   yes     lyon    berlin  degraded         97.50
        9     backup   no      -       -       missing              -

        Last events
        TIME                 EVENT           FROM PATH  TO PATH  REASON
        2026-11-23 13:01:00  policy_enabled  -          -        test
        2026-11-23 13:00:03  completed       1          2        test
        """,
        cli.out("failover", "show", "WA", "-n", "2"));
  }

  @Test
  void a_list_of_backup_paths_that_nobody_can_read_is_said() {
    String shown = cli.out("failover", "show", "5");
    assertEquals(
        true,
        shown.contains("The list of backup paths cannot be read; correct it in the platform."),
        shown);
  }

  @Test
  void a_document_has_ids_as_texts() throws Exception {
    event(HOUR_AGO, "triggered", "1", "2");
    JsonNode document =
        new ObjectMapper().readTree(cli.out("failover", "list", "--sort", "name", "--json"));
    assertEquals(
        "{\"name\":\"wan\",\"enabled\":true,\"active_path_id\":\"2\",\"src_site_name\":\"lyon\","
            + "\"dst_site_name\":\"berlin\",\"role\":\"backup\",\"status\":\"degraded\","
            + "\"event_type\":\"triggered\",\"age_seconds\":3600,"
            + "\"policy_id\":\"18446744073709551615\",\"event_at\":\"2026-11-23T13:00:00Z\","
            + "\"reason\":\"test\",\"active_since\":\"2026-11-23T13:00:00Z\","
            + "\"primary_path_id\":\"1\",\"backup_path_ids\":[\"2\",\"9\"]}",
        document.at("/failover_policies/1").toString());
  }

  @Test
  void an_unknown_one_is_refused_with_the_nearest() {
    cli.run("failover", "show", "brokn")
        .failed(ExitCode.NOT_FOUND, "failover policy 'brokn' not found; did you mean 'broken'?");
  }

  @Test
  void older_databases_have_none_and_people_are_told() throws Exception {
    Path other = Files.createDirectory(folder.resolve("old"));
    try (PlatformDatabase old = PlatformDatabase.create(other, Age.SPRINT_30)) {
      Outcome outcome = CommandLineRun.on(old.file()).onTerminal(200, 24).run("failover", "list");
      assertEquals(
          "schema version 'sprint-30' has no table sdwan_failover_policies; there are no failover"
              + " policies.\n",
          outcome.err());
      assertEquals("There are no failover policies.\n", outcome.out());
    }
  }
}
