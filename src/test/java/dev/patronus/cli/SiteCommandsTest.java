package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SiteCommandsTest {
  private static final long MINUTE_AGO = 1795442340;
  private static final long OLD = MINUTE_AGO - 91 * 86_400;
  private static final String BERLIN = "1111aaaa-0000-4000-8000-000000000001";
  private static final String LYON = "2222bbbb-0000-4000-8000-000000000002";
  private static final String OSLO = "2222cccc-0000-4000-8000-000000000003";

  /// Who makes the changes: the environment alone names nobody.
  private static final String USER = System.getProperty("user.name");

  @TempDir private Path folder;

  private PlatformDatabase database(Age age) throws SQLException, IOException {
    PlatformDatabase database = PlatformDatabase.create(folder, age);
    database
        .site(BERLIN, "berlin")
        .site(LYON, "Lyon")
        .site(OSLO, "oslo")
        .endpoint(BERLIN, "192.0.2.1:51820")
        .endpoint(OSLO, "192.0.2.3:51820")
        .path(1, BERLIN, LYON)
        .path(2, LYON, BERLIN)
        .path(3, OSLO, LYON)
        .metric(1, MINUTE_AGO - 60, 30.25)
        .metric(1, MINUTE_AGO, 12.5)
        .metric(3, MINUTE_AGO, 7)
        .run("UPDATE sdwan_paths SET status = 'down' WHERE path_id = 2")
        .run("UPDATE sdwan_sites SET last_seen = " + MINUTE_AGO)
        .run("UPDATE sdwan_sites SET status = 'inactive' WHERE site_name = 'oslo'");
    return database;
  }

  private PlatformDatabase newest() throws SQLException, IOException {
    PlatformDatabase database = database(Age.NEWEST);
    database
        .run(
            "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id,"
                + " backup_path_ids) VALUES (1, 'wan', '1', '[\"3\"]'), (2, 'lte', '3', '[1, 2]'),"
                + " (3, 'odd', '3', 'one of 1')")
        .run(
            "INSERT INTO sdwan_failover_events (policy_id, event_type, reason, timestamp)"
                + " VALUES (1, 'failed', 'test', 5)")
        .run(
            "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
                + " jitter_ms, health_score, status) VALUES ('1', 5, 1, 1, 1, 1, 'up')")
        .run(
            "INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,"
                + " started_at, last_seen_at) VALUES ('10.0.0.1', '10.0.0.2', 5, 6, 17, 2, 7, 8)");
    return database;
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"))
        .env("SSH_CONNECTION", "198.51.100.7 4242 192.0.2.9 22")
        .env("PATRONUS_BUSY_TIMEOUT", "50ms");
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void the_list_counts_what_hangs_on_each_site(Age age) throws Exception {
    try (PlatformDatabase _ = database(age)) {
      assertEquals(
          """
          SITE    STATUS    UP  DEG  DOWN   SEEN  ENDPOINTS  UUID
          Lyon    active     2    0     1  1 min          0  2222bbbb-0000-4000-8000-000000000002
          berlin  active     1    0     1  1 min          1  1111aaaa-0000-4000-8000-000000000001
          oslo    inactive   1    0     0  1 min          1  2222cccc-0000-4000-8000-000000000003
          """,
          cli().out("site", "list"));
      assertEquals(
          "site_name,paths\r\noslo,1\r\n",
          cli()
              .out(
                  "site",
                  "list",
                  "--status",
                  "INACTIVE",
                  "-o",
                  "csv",
                  "--columns",
                  "site_name,paths"));
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void a_site_is_shown_with_its_endpoints_and_paths(Age age) throws Exception {
    try (PlatformDatabase _ = database(age)) {
      assertEquals(
          """
          site name   berlin
          site id     1111aaaa-0000-4000-8000-000000000001
          status      active
          last seen   2026-11-23 13:59:00
          created at  2025-10-09 08:53:20
          public key  AP8Q

          Endpoints
          ID  ADDRESS          TYPE   COST/GB  REACHABLE
          1   192.0.2.1:51820  fiber     0.05  yes

          Paths
          ID        PEER  STATUS  LATENCY    LOSS  MBIT/S  SCORE    AGE
          1   to    Lyon  up      12.5 ms  0.10 %     500     90  1 min
          2   from  Lyon  down          -       -       -      -      -
          """,
          cli().out("site", "show", "1111"));
    }
  }

  @Test
  void sites_that_were_last_seen_so_long_ago_are_chosen_to_the_second() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.SPRINT_30)) {
      database.site("aa", "berlin").site("bb", "lyon");
      long now = 1795442400;
      database.run("UPDATE sdwan_sites SET last_seen = ? WHERE site_id = 'aa'", now - 600);
      database.run("UPDATE sdwan_sites SET last_seen = ? WHERE site_id = 'bb'", now - 599);
      CommandLineRun cli = CommandLineRun.on(database.file());
      String[] words = {"site", "list", "-o", "csv", "--columns", "site_name", "--not-seen-for"};
      List<String> ten = new ArrayList<>(List.of(words));
      ten.add("10m");
      assertEquals("site_name\r\nberlin\r\n", cli.out(ten.toArray(String[]::new)));
      ten.set(ten.size() - 1, "599s");
      assertEquals("site_name\r\nberlin\r\nlyon\r\n", cli.out(ten.toArray(String[]::new)));
    }
  }

  @Test
  void a_dry_run_shows_all_that_would_go_and_changes_nothing() throws Exception {
    try (PlatformDatabase database = newest()) {
      List<String> before = database.rows("SELECT * FROM sqlite_master");
      assertEquals(
          """
          SITE    UUID                                  PATHS
          berlin  1111aaaa-0000-4000-8000-000000000001      2

          TABLE                    ROWS  EFFECT
          sdwan_sites                 1  deleted
          sdwan_endpoints             1  deleted
          sdwan_paths                 2  deleted
          sdwan_path_metrics          2  deleted
          sdwan_path_health           1  deleted
          sdwan_flows                 1  deleted
          sdwan_failover_policies     1  deleted
          sdwan_failover_events       1  deleted
          sdwan_failover_policies     1  rewritten

          FAILOVER POLICY  EFFECT      ROLE     REMOVED  REMAINING  EVENTS
          wan              deleted     primary  1        -               1
          lte              rewritten   backup   1, 2     -               -
          odd              unreadable  -        -        -               -

          would delete berlin (1111aaaa-0000-4000-8000-000000000001): 11 rows in 8 tables; nothing was changed
          """,
          cli().out("site", "delete", "berlin", "--dry-run"));
      assertEquals(before, database.rows("SELECT * FROM sqlite_master"));
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void a_site_goes_whole_is_audited_and_comes_back(Age age) throws Exception {
    try (PlatformDatabase database = database(age)) {
      assertEquals(
          """
          {
            "schema": 1,
            "success": true,
            "message": "deleted berlin (1111aaaa-0000-4000-8000-000000000001): 6 rows in 4 tables",
            "dry_run": false,
            "rows_affected": 6,
            "restorable_until": "2026-12-23T14:00:00Z",
            "archive_id": 1,
            "sites": [
              {"site_name":"berlin","site_id":"1111aaaa-0000-4000-8000-000000000001","paths":2,"archive_id":1}
            ],
            "tables": [
              {"table":"sdwan_sites","rows":1,"effect":"deleted"},
              {"table":"sdwan_endpoints","rows":1,"effect":"deleted"},
              {"table":"sdwan_paths","rows":2,"effect":"deleted"},
              {"table":"sdwan_path_metrics","rows":2,"effect":"deleted"}
            ],
            "failover_policies": [
            ]
          }
          """,
          cli().out("site", "delete", BERLIN, "--yes", "-o", "json"));
      assertEquals(
          List.of("3|" + OSLO + "|" + LYON),
          database.rows("SELECT path_id, src_site_id," + " dst_site_id FROM sdwan_paths"));
      assertEquals(
          List.of(
              "2026-11-23T14:00:00Z|"
                  + USER
                  + "|198.51.100.7|patronus-cli/1.0.0|site_delete|"
                  + "{\"site_delete\":{\"site_id\":\""
                  + BERLIN
                  + "\",\"blocked\":false,\"site_name\":\"berlin\",\"archive_id\":1,\"rows\":6,"
                  + "\"endpoints\":1,\"paths\":2,\"path_metrics\":2}}|1|warning"),
          database.rows(
              "SELECT timestamp, user_id, ip_address, user_agent, event_type, event_data, success,"
                  + " severity FROM audit_logs"));
      assertEquals(
          """
          ARCHIVE  SITE    DELETED              %1$-4s  ROWS  RESTORABLE UNTIL     UUID
                1  berlin  2026-11-23 14:00:00  %2$-4s     6  2026-12-23 14:00:00  1111aaaa-0000-4000-8000-000000000001
          """
              .replace("-4s", "-" + Math.max(2, USER.length()) + "s")
              .formatted("BY", USER),
          cli().out("site", "deleted"));
      assertEquals(
          """
          SITE    UUID                                  ARCHIVE  ROWS
          berlin  1111aaaa-0000-4000-8000-000000000001        1     6

          TABLE               ROWS  EFFECT
          sdwan_sites            1  restored
          sdwan_endpoints        1  restored
          sdwan_paths            2  restored
          sdwan_path_metrics     2  restored

          restored berlin (1111aaaa-0000-4000-8000-000000000001): 6 rows
          """,
          cli().out("site", "restore", "ber"));
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_paths"));
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_path_metrics"));
      assertEquals(
          1, database.number("SELECT count(*) FROM audit_logs WHERE event_type = 'site_restore'"));
      assertEquals("There are no deleted sites.\n", cli().out("site", "deleted"));
    }
  }

  @Test
  void csv_and_ndjson_have_a_row_for_each_site() throws Exception {
    try (PlatformDatabase _ = newest()) {
      assertEquals(
          "site_name,site_id,paths,archive_id\r\noslo," + OSLO + ",1,\r\nLyon," + LYON + ",3,\r\n",
          cli().out("site", "delete", "oslo", "LYON", "--dry-run", "-o", "csv"));
      assertEquals(
          "{\"site_name\":\"oslo\",\"site_id\":\"" + OSLO + "\",\"paths\":1,\"archive_id\":1}\n",
          cli().out("site", "delete", OSLO, OSLO, "-y", "-o", "ndjson"));
    }
  }

  @Test
  void an_unknown_or_ambiguous_site_is_refused_and_nothing_goes() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli()
          .run("site", "delete", "berln", "oslo", "--yes")
          .failed(ExitCode.NOT_FOUND, "site 'berln' not found; did you mean 'berlin'?");
      cli()
          .run("site", "delete", "ber", "--yes")
          .failed(ExitCode.NOT_FOUND, "site 'ber' not found; did you mean 'berlin'?");
      cli()
          .run("site", "delete", "2222", "--yes")
          .failed(
              ExitCode.REFUSED,
              "site '2222' is ambiguous; use one of these ids: "
                  + LYON
                  + " (Lyon), "
                  + OSLO
                  + " (oslo)");
      Outcome document = cli().run("site", "delete", "nowhere", "--yes", "--json");
      assertTrue(document.out().contains("\"exit_code\": 3"), document::toString);
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void a_line_of_a_file_deletes_no_site_whose_uuid_begins_so() throws Exception {
    try (PlatformDatabase database = newest()) {
      Path names = Files.writeString(folder.resolve("names"), "1111\n11\nLYON\n" + OSLO + "\n");
      cli()
          .run("site", "delete", "--from", names.toString(), "--yes")
          .failed(
              ExitCode.NOT_FOUND,
              "site '1111' not found; 'patronus site list' shows the 3 that exist");
      Outcome deleted =
          cli().run("site", "delete", "--from", names.toString(), "--yes", "--if-exists", "--json");
      assertEquals("patronus: sites not found: 1111, 11\n", deleted.err());
      assertTrue(deleted.out().contains("\"missing\": [\"1111\",\"11\"]"), deleted::toString);
      assertEquals(List.of("berlin"), database.rows("SELECT site_name FROM sdwan_sites"));
    }
  }

  @Test
  void without_a_question_a_short_beginning_of_a_uuid_deletes_nothing() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli()
          .run("site", "delete", "1111", "--yes")
          .failed(
              ExitCode.REFUSED,
              "'1111' is only the beginning of the id of site 'berlin' ("
                  + BERLIN
                  + "); without a question, give the name or at least 8 characters of the id");
      assertEquals(
          "patronus: site not found: 1111aaaa\n",
          cli().run("site", "delete", "1111aaaa", "--yes", "--if-exists").err());
      assertEquals("", cli().run("site", "delete", "1111aaaa", "--yes", "--if-exists", "-q").err());
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void a_file_without_a_name_is_told() throws Exception {
    try (PlatformDatabase _ = newest()) {
      String names = Files.writeString(folder.resolve("names"), "# none\n").toString();
      assertEquals(
          names + " names no sites; nothing was changed\n",
          cli().out("site", "delete", "--from", names, "--yes", "--if-exists"));
    }
  }

  @Test
  void an_answer_about_no_site_has_the_shape_of_one_about_some() throws Exception {
    try (PlatformDatabase _ = newest()) {
      assertEquals(
          "site_name,site_id,paths,archive_id\r\n",
          cli().out("site", "delete", "--inactive-for", "9000d", "--yes", "-o", "csv"));
      assertEquals(
          "",
          cli()
              .out(
                  "site",
                  "delete",
                  "--inactive-for",
                  "9000d",
                  "--yes",
                  "-o",
                  "csv",
                  "--no-headers"));
      String json = cli().out("site", "delete", "--inactive-for", "9000d", "--yes", "--json");
      for (String table : List.of("sites", "tables", "failover_policies")) {
        assertTrue(json.contains("\"" + table + "\": ["), json);
      }
      assertEquals("", cli().out("site", "delete", "--inactive-for", "9000d", "--dry-run", "-q"));
    }
  }

  @Test
  void a_site_that_is_not_there_is_fine_where_that_is_said() throws Exception {
    try (PlatformDatabase database = newest()) {
      assertEquals("", cli().out("site", "delete", "nowhere", "--if-exists", "--yes", "-q"));
      cli().out("site", "delete", "nowhere", "berlin", "--if-exists", "--yes", "-q");
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void without_a_terminal_it_is_refused_unless_yes_was_said() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli()
          .run("site", "delete", "berlin")
          .failed(
              ExitCode.REFUSED,
              "not confirmed: no terminal for the question; add --yes to proceed, or"
                  + " --dry-run to preview");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void ctrl_d_at_the_question_is_a_no_on_a_line_of_its_own() throws Exception {
    try (PlatformDatabase database = newest()) {
      Outcome refused = cli().onTerminal(80, 24).typing("").run("site", "delete", "berlin");
      assertTrue(
          refused.err().endsWith("? [y/N] \npatronus: not confirmed; nothing was changed\n"),
          refused::toString);
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void on_a_terminal_it_shows_the_plan_and_asks() throws Exception {
    try (PlatformDatabase database = newest()) {
      CommandLineRun terminal = cli().onTerminal(80, 24);
      Outcome refused = terminal.typing("\n").run("site", "delete", "berlin");
      assertEquals(ExitCode.REFUSED, refused.exitCode(), refused::toString);
      assertEquals("", refused.out());
      assertTrue(
          refused
              .err()
              .endsWith(
                  "\nDelete berlin ("
                      + BERLIN
                      + ")? [y/N] patronus: not confirmed; nothing was"
                      + " changed\n"),
          refused::toString);
      assertTrue(refused.err().contains("sdwan_path_metrics          2  deleted"));

      Outcome done = terminal.typing("y\n").run("site", "delete", "berlin");
      assertEquals(
          """
          deleted berlin (1111aaaa-0000-4000-8000-000000000001): 11 rows in 8 tables
          'patronus site restore 1' restores it until 2026-12-23 14:00:00
          """,
          done.out());
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void a_site_with_many_paths_wants_its_name_typed() throws Exception {
    try (PlatformDatabase database = newest()) {
      for (int i = 0; i < 10; i++) {
        database.path(10 + i, BERLIN, OSLO);
      }
      CommandLineRun terminal = cli().onTerminal(80, 24);
      Outcome refused = terminal.typing("y\n").run("site", "delete", "berlin");
      assertTrue(
          refused
              .err()
              .contains("Its 12 paths will be deleted too. Type the site's name to confirm: "),
          refused::toString);
      assertEquals(ExitCode.REFUSED, refused.exitCode());
      assertEquals(
          ExitCode.DONE, terminal.typing("berlin\n").run("site", "delete", "berlin").exitCode());
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void names_in_a_file_and_on_standard_input_are_one_plan() throws Exception {
    try (PlatformDatabase database = newest()) {
      Path names = Files.writeString(folder.resolve("names"), "# old\n\n  oslo \r\n");
      String plan = cli().out("site", "delete", "berlin", "--from", names.toString(), "--dry-run");
      assertTrue(
          plan.contains("would delete berlin (" + BERLIN + "), oslo (" + OSLO + "): "), plan);
      cli().typing("Lyon\noslo\n").out("site", "delete", "--from", "-", "--yes");
      assertEquals(List.of("berlin"), database.rows("SELECT site_name FROM sdwan_sites"));
    }
  }

  @Test
  void a_name_in_a_file_that_is_not_there_deletes_none_of_them() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli()
          .typing("berlin\nosla\n")
          .run("site", "delete", "--from", "-", "--yes")
          .failed(ExitCode.NOT_FOUND, "site 'osla' not found; did you mean 'oslo'?");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void a_file_of_names_must_be_there() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli()
          .run("site", "delete", "--from", folder.resolve("none").toString(), "--yes")
          .failed(ExitCode.FAILED, "there is no file " + folder.resolve("none") + " with names");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void sites_that_were_not_seen_for_long_and_are_not_new_are_one_plan() throws Exception {
    try (PlatformDatabase database = newest()) {
      database
          .run("UPDATE sdwan_sites SET last_seen = ? WHERE site_name <> 'Lyon'", OLD)
          .run("UPDATE sdwan_sites SET created_at = ?", OLD)
          .run("UPDATE sdwan_sites SET created_at = ? WHERE site_name = 'oslo'", MINUTE_AGO);
      String plan = cli().out("site", "delete", "--inactive-for", "90d", "--dry-run");
      assertTrue(plan.contains("\nwould delete berlin (" + BERLIN + "): "), plan);
      cli().out("site", "delete", "--inactive-for", "90d", "--yes");
      assertEquals(
          List.of("Lyon", "oslo"),
          database.rows("SELECT site_name FROM sdwan_sites ORDER BY site_name"));
      assertEquals(
          "no sites match; nothing was changed\n",
          cli().out("site", "delete", "--inactive-for", "90d", "--yes"));
    }
  }

  @Test
  void which_sites_must_be_said_in_one_way() throws Exception {
    try (PlatformDatabase _ = newest()) {
      cli()
          .run("site", "delete", "--yes")
          .failed(ExitCode.USAGE, "which site? give a name, or --from a file with names");
      cli()
          .run("site", "delete", "berlin", "--inactive-for", "90d")
          .failed(ExitCode.USAGE, "give either sites or --inactive-for");
    }
  }

  @Test
  void while_another_program_writes_it_says_try_again_and_changes_nothing() throws Exception {
    try (PlatformDatabase database = newest()) {
      database.run("BEGIN IMMEDIATE");
      cli()
          .run("site", "delete", "berlin", "--yes")
          .failed(
              ExitCode.BUSY,
              "the database " + database.file() + " is locked by another program; try again");
      database.run("COMMIT");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
      assertEquals(0, database.number("SELECT count(*) FROM audit_logs"));
    }
  }

  @Test
  void while_another_program_reads_a_database_with_a_log_it_deletes() throws Exception {
    try (PlatformDatabase database = newest()) {
      database.run("PRAGMA journal_mode = wal");
      database.run("BEGIN");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
      cli().out("site", "delete", "berlin", "--yes");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
      database.run("COMMIT");
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
    }
  }

  @Test
  void what_the_database_does_not_let_go_stays_and_is_audited_as_blocked() throws Exception {
    try (PlatformDatabase database = newest()) {
      database.run(
          "CREATE TRIGGER hold BEFORE DELETE ON sdwan_paths BEGIN SELECT RAISE(ABORT, 'held'); END");
      cli()
          .run("site", "delete", "berlin", "--yes")
          .failed(ExitCode.REFUSED, "the database refuses the deletion: held; nothing was deleted");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
      assertEquals(
          List.of("{\"site_delete\":{\"site_id\":\"" + BERLIN + "\",\"blocked\":true}}|0"),
          database.rows("SELECT event_data, success FROM audit_logs"));
    }
  }

  @Test
  void archives_are_kept_as_long_as_was_asked_for() throws Exception {
    try (PlatformDatabase _ = newest()) {
      cli().out("site", "delete", "berlin", "--yes", "--keep", "90d");
      cli().env("PATRONUS_DELETED_SITES_KEEP", "1h").out("site", "delete", "oslo", "--yes");
      assertEquals(
          """
          {"site_name":"oslo","restorable_until":"2026-11-23T15:00:00Z"}
          {"site_name":"berlin","restorable_until":"2027-02-21T14:00:00Z"}
          """,
          cli().out("site", "deleted", "-o", "ndjson", "--columns", "site_name,restorable_until"));
    }
  }

  @Test
  void purge_throws_away_what_has_expired() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli().out("site", "delete", "berlin", "--yes", "--keep", "1h");
      cli().out("site", "delete", "oslo", "--yes");
      assertEquals(
          "no archive has expired; nothing was changed\n", cli().out("site", "purge", "--yes"));
      CommandLineRun later = cli().at("2026-11-23T15:00:00Z");
      assertTrue(later.out("site", "deleted").contains("1 archive has expired"));
      later
          .run("site", "purge")
          .failed(
              ExitCode.REFUSED,
              "not confirmed: no terminal for the question; add --yes to proceed, or"
                  + " --dry-run to preview");
      assertEquals(
          """
          SITE    UUID                                  ARCHIVE  ROWS  RESTORABLE UNTIL
          berlin  1111aaaa-0000-4000-8000-000000000001        1    11  2026-11-23 15:00:00

          permanently deleted berlin (1111aaaa-0000-4000-8000-000000000001): 11 rows
          """,
          later.out("site", "purge", "-y"));
      assertEquals(List.of("oslo"), database.rows("SELECT site_name FROM patronus_deleted_sites"));
      assertEquals(
          0, database.number("SELECT count(*) FROM patronus_deleted_rows WHERE archive_id = 1"));
      later.out("site", "purge", "oslo", "-y");
      assertEquals(0, database.number("SELECT count(*) FROM patronus_deleted_rows"));
      assertEquals(
          2, database.number("SELECT count(*) FROM audit_logs WHERE event_type = 'site_purge'"));
    }
  }

  @Test
  void the_audit_trail_counts_as_many_rows_on_the_way_out_as_on_the_way_back() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli().out("site", "delete", "berlin", "--yes");
      cli().out("site", "restore", "berlin");
      assertEquals(
          List.of("11", "11"),
          database.rows(
              "SELECT coalesce(event_data ->> '$.site_delete.rows', event_data ->>"
                  + " '$.site_restore.rows') FROM audit_logs ORDER BY id"));
    }
  }

  @Test
  void the_number_of_an_archive_that_is_gone_names_no_other_site() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli().out("site", "delete", "berlin", "--yes");
      cli().out("site", "restore", "1");
      cli().out("site", "delete", "berlin", "--yes");
      String missing = "deleted site '1' not found; 'patronus site deleted' shows the only one";
      cli().run("site", "restore", "1").failed(ExitCode.NOT_FOUND, missing);
      cli().run("site", "purge", "1", "--yes").failed(ExitCode.NOT_FOUND, missing);
      assertEquals(ExitCode.REFUSED, cli().run("site", "purge", "1111a", "--yes").exitCode());
      assertEquals(1, database.number("SELECT count(*) FROM patronus_deleted_sites"));
      cli().out("site", "purge", "1111aaaa", "--yes");
      assertEquals(0, database.number("SELECT count(*) FROM patronus_deleted_sites"));
    }
  }

  @Test
  void a_preview_says_which_deleted_sites_could_then_only_be_restored_with_it() throws Exception {
    try (PlatformDatabase _ = newest()) {
      String before = cli().out("site", "delete", "Lyon", "--dry-run");
      assertFalse(before.contains("together"), before);
      cli().out("site", "delete", "berlin", "--yes");
      assertTrue(
          cli()
              .out("site", "delete", "Lyon", "--dry-run")
              .contains(
                  "\ndeleted before: berlin (archive 1); after this deletion it can only be restored"
                      + " together with Lyon\n"));
      assertTrue(
          cli()
              .out("site", "delete", "Lyon", "--dry-run", "--json")
              .contains("\"needed_by_archives\": [\"1\"]"));
    }
  }

  @Test
  void a_site_whose_peer_is_gone_too_says_which_must_come_back_first() throws Exception {
    try (PlatformDatabase _ = newest()) {
      cli().out("site", "delete", "berlin", "--yes");
      cli().out("site", "delete", "Lyon", "--yes");
      Outcome refused = cli().run("site", "restore", "berlin");
      assertEquals(ExitCode.REFUSED, refused.exitCode());
      assertEquals(
          "patronus: berlin ("
              + BERLIN
              + ") cannot be restored without deleted Lyon ("
              + LYON
              + "); restore them together: 'patronus site restore 2 1'\n",
          refused.err());
      assertEquals(
          """
          TABLE                    ROW                                               ROWS  REASON
          sdwan_failover_policies  policy_id 2                                          1  it lost a value to this site, and went with the other
          sdwan_paths              dst_site_id 2222bbbb-0000-4000-8000-000000000002     1  refers to a row of sdwan_sites that no longer exists
          sdwan_paths              src_site_id 2222bbbb-0000-4000-8000-000000000002     1  refers to a row of sdwan_sites that no longer exists
          """,
          refused.out());
      cli().out("site", "restore", "berlin", "Lyon", "--dry-run");
      assertEquals(2, cli().out("site", "deleted", "-o", "ndjson").lines().count());
      cli().out("site", "restore", "berlin", "Lyon");
      assertEquals(3, cli().out("site", "list", "-o", "ndjson").lines().count());
    }
  }

  @Test
  void a_row_whose_key_is_taken_is_named_and_can_be_left_away() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli().out("site", "delete", "berlin", "--yes");
      database.run(
          "INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,"
              + " started_at, last_seen_at) VALUES ('10.0.0.1', '10.0.0.2', 5, 6, 17, 3, 9, 9)");
      Outcome refused = cli().run("site", "restore", "berlin");
      assertEquals(
          "patronus: berlin ("
              + BERLIN
              + ") cannot be restored: 1 row of sdwan_flows cannot; nothing was"
              + " changed; '--without sdwan_flows' restores the rest\n",
          refused.err());
      assertEquals(
          """
          TABLE        ROW        ROWS  REASON
          sdwan_flows  flow_id 1     1  another row has its src_ip, dst_ip, src_port, dst_port, protocol
          """,
          refused.out());
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
      cli().out("site", "restore", "berlin", "--without", "sdwan_flows");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
      assertEquals(1, database.number("SELECT count(*) FROM sdwan_flows"));
    }
  }

  @Test
  void a_list_of_backups_that_somebody_changed_gets_its_paths_back() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli().out("site", "delete", "berlin", "--yes");
      database.run(
          "UPDATE sdwan_failover_policies SET backup_path_ids = '[7]' WHERE policy_id = 2");
      String out = cli().out("site", "restore", "berlin");
      assertTrue(
          out.contains(
              "the row of sdwan_failover_policies with policy_id 2 was changed meanwhile; its backup"
                  + " paths are [7, 1, 2] now\n"),
          out);
      assertEquals(
          List.of("[7, 1, 2]"),
          database.rows("SELECT backup_path_ids FROM sdwan_failover_policies WHERE policy_id = 2"));
    }
  }

  @Test
  void a_table_that_is_gone_or_changed_stops_the_restoration() throws Exception {
    try (PlatformDatabase database = newest()) {
      database.run("CREATE TABLE leases (ip TEXT, site TEXT REFERENCES sdwan_sites(site_id))");
      database.run("INSERT INTO leases VALUES ('10.1.1.1', ?)", BERLIN);
      cli().out("site", "delete", "berlin", "--yes");
      database.run("ALTER TABLE leases RENAME COLUMN ip TO address");
      assertEquals(
          """
          TABLE   ROW  ROWS  REASON
          leases          1  its column ip is not there any more
          """,
          cli().run("site", "restore", "berlin").out());
      database.run("DROP TABLE leases");
      assertEquals(
          """
          TABLE   ROW  ROWS  REASON
          leases          1  the table is not there any more
          """,
          cli().run("site", "restore", "berlin").out());
      cli().out("site", "restore", "berlin", "--without", "leases");
    }
  }

  @Test
  void a_site_that_was_deleted_twice_is_told_apart_by_its_archive() throws Exception {
    try (PlatformDatabase database = newest()) {
      cli().out("site", "delete", "oslo", "--yes");
      database.site(OSLO, "oslo");
      cli().out("site", "delete", "oslo", "--yes");
      cli()
          .run("site", "restore", "oslo")
          .failed(
              ExitCode.REFUSED,
              "deleted site 'oslo' is ambiguous; give one of these archives: 2 ("
                  + OSLO
                  + ", 2026-11-23T14:00:00Z), 1 ("
                  + OSLO
                  + ", 2026-11-23T14:00:00Z)");
      cli().out("site", "restore", "1");
      assertEquals(
          1,
          database.number("SELECT count(*) FROM sdwan_paths WHERE src_site_id = '" + OSLO + "'"));
      Outcome taken = cli().run("site", "restore", "2");
      assertEquals(
          """
          TABLE        ROW                                           ROWS  REASON
          sdwan_sites  site_id 2222cccc-0000-4000-8000-000000000003     1  another row has its site_id
          """,
          taken.out());
    }
  }
}
