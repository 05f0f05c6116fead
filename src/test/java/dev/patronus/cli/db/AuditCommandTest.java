package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AuditCommandTest {
  @TempDir private Path folder;

  private PlatformDatabase trail() throws SQLException, IOException {
    PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST);
    event(
        database,
        "2026-11-22T10:00:00.123456789+00:00",
        "alice",
        "site_delete",
        "{\"site_delete\":{\"site_id\":\"5f0a\",\"blocked\":false}}",
        1,
        "warning");
    event(
        database, "2026-11-23T13:00:00+02:00", "bob", "cache_clear", "\"cache_clear\"", 0, "info");
    event(database, "2026-11-23T12:00:00Z", null, "login", "{\"from\": \"web\"}", 1, "info");
    event(database, "lately", "carol", "odd", "no JSON", 1, "critical");
    return database.run(
        "UPDATE audit_logs SET user_email = 'dave@example.com' WHERE event_type = 'login'");
  }

  private static void event(
      PlatformDatabase database,
      String time,
      String user,
      String type,
      String data,
      int success,
      String severity)
      throws SQLException {
    database.run(
        "INSERT INTO audit_logs (timestamp, user_id, event_type, event_data, success, severity)"
            + " VALUES (?, ?, ?, ?, ?, ?)",
        time,
        user,
        type,
        data,
        success,
        severity);
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private String types(String... filters) {
    String[] words = new String[filters.length + 5];
    words[0] = "audit";
    words[1] = "-o";
    words[2] = "csv";
    words[3] = "--no-headers";
    words[4] = "--columns=event_type";
    System.arraycopy(filters, 0, words, 5, filters.length);
    return cli().out(words).replace("\r\n", " ").strip();
  }

  @Test
  void the_newest_comes_first_in_words() throws Exception {
    try (PlatformDatabase _ = trail()) {
      assertEquals(
          """
          TIME                 USER              EVENT        OK   NAME  DETAILS
          lately               carol             odd          yes  -     no JSON
          2026-11-23 12:00:00  dave@example.com  login        yes  -     from web
          2026-11-23 11:00:00  bob               cache_clear  no   -
          2026-11-22 10:00:00  alice             site_delete  yes  -     site_id 5f0a
          """,
          cli().out("audit"));
    }
  }

  @Test
  void an_event_that_nobody_writes_is_a_mistake_and_those_there_are_named() throws Exception {
    try (PlatformDatabase _ = trail()) {
      CommandLineRun.Outcome unknown = cli().run("audit", "--type", "foo");
      assertEquals(ExitCode.USAGE, unknown.exitCode());
      assertTrue(unknown.err().contains("unknown event 'foo'; try alert_silence"), unknown.err());
      assertTrue(unknown.err().contains("login"), "one of the platform's: " + unknown.err());
      CommandLineRun.Outcome near = cli().run("audit", "--severity", "warnin");
      assertEquals(ExitCode.USAGE, near.exitCode());
      assertTrue(near.err().contains("did you mean 'warning'?"), near.err());
      assertEquals("login", types("--type", "login"));
      assertEquals("", types("--type", "site_restore"), "known, though there is none");
    }
  }

  @Test
  void a_subject_that_is_named_has_no_id_among_the_details() throws Exception {
    try (PlatformDatabase database = trail()) {
      event(
          database,
          "2026-11-23T14:00:00Z",
          "alice",
          "site_delete",
          "{\"site_delete\":{\"site_id\":\"5f0a\",\"site_name\":\"lyon\",\"rows\":7}}",
          1,
          "warning");
      String first = cli().out("audit", "-n", "1").lines().skip(1).findFirst().orElseThrow();
      assertTrue(first.endsWith("site_delete  yes  lyon  rows 7"), first);
    }
  }

  @Test
  void machines_get_the_data_as_it_was_written() throws Exception {
    try (PlatformDatabase _ = trail()) {
      assertEquals(
          """
          {
            "schema": 1,
            "since": null,
            "until": null,
            "truncated": false,
            "events": [
              {"timestamp":"2026-11-22T10:00:00.123456789Z","user_id":"alice",\
          "event_type":"site_delete","success":true,\
          "event_data":{"site_delete":{"site_id":"5f0a","blocked":false}},"severity":"warning",\
          "ip_address":null,"user_email":null,"user_agent":null,"id":"1",\
          "subject_name":null,"subject_id":"5f0a","user_name":null,"time":"2026-11-22T10:00:00.123456789Z"}
            ]
          }
          """,
          cli().out("audit", "--user", "alice", "--json"));
      assertEquals(
          "event_data\r\n\"{\"\"from\"\": \"\"web\"\"}\"\r\n",
          cli().out("audit", "--type", "login", "-o", "csv", "--columns", "event_data"));
    }
  }

  @Test
  void filters_choose_what_is_shown() throws Exception {
    try (PlatformDatabase _ = trail()) {
      assertEquals("odd login cache_clear site_delete", types());
      assertEquals("login cache_clear", types("--since", "today"));
      assertEquals("cache_clear", types("--since", "today", "--until", "2026-11-23T12:00Z"));
      assertEquals("site_delete", types("--until", "today"));
      assertEquals("login site_delete", types("--user", "Alice,dave@example.com"));
      assertEquals("cache_clear", types("--failed"));
      assertEquals("odd site_delete", types("--severity", "warning", "--severity", "critical"));
      assertEquals("login", types("--type", "login", "--limit", "1"));
      assertEquals("cache_clear site_delete", types("--type", "*_delete,CACHE_*"));
      assertEquals("No matching events.\n", cli().out("audit", "--type", "site_restore"));
    }
  }

  @Test
  void sites_policies_and_users_have_the_names_that_people_know() throws Exception {
    String user = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
    String other = "2b4e28ba-2fa1-41d2-883f-0016d3cca427";
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database
          .site("7c1e2d3f-0000-4000-8000-000000000001", "porto")
          .policy(-1, "voice", 10, "{}")
          .run(
              "INSERT INTO users (id, email, name, role, password_hash, created_at)"
                  + " VALUES (?, 'mia@example.com', 'Mia', 'admin', '', 0)",
              user);
      String porto = "{\"site_update\":{\"site_id\":\"7c1e2d3f-0000-4000-8000-000000000001\"}}";
      event(database, "2026-11-22T10:00:00Z", user, "site_update", porto, 1, "info");
      String oslo = "{\"site_delete\":{\"site_id\":\"9\",\"blocked\":true,\"site_name\":\"oslo\"}}";
      event(database, "2026-11-22T11:00:00Z", other, "site_delete", oslo, 0, "warning");
      database.run("UPDATE audit_logs SET user_email = 'x@example.com' WHERE user_id = ?", other);
      String voice = "{\"policy_delete\":{\"policy_id\":\"18446744073709551615\"}}";
      event(database, "2026-11-22T12:00:00Z", "root", "policy_delete", voice, 1, "warning");
      assertEquals(
          """
          TIME                 USER           EVENT          OK   NAME   DETAILS
          2026-11-22 12:00:00  root           policy_delete  yes  voice
          2026-11-22 11:00:00  x@example.com  site_delete    no   oslo   blocked
          2026-11-22 10:00:00  Mia            site_update    yes  porto
          """,
          cli().out("audit"));
      assertEquals(
          "subject_name,user_name,user_id\r\nporto,Mia," + user + "\r\n",
          cli()
              .out(
                  "audit",
                  "--user",
                  "mia",
                  "-o",
                  "csv",
                  "--columns",
                  "subject_name,user_name,user_id"));
    }
  }

  @Test
  void what_the_limit_leaves_out_is_said() throws Exception {
    try (PlatformDatabase _ = trail()) {
      String[] lines = cli().out("audit", "--limit", "1").split("\n", -1);
      assertEquals("There are more events; use --limit to show them.", lines[lines.length - 2]);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BEFORE_SPRINT_30", "SPRINT_30"})
  void older_platforms_keep_no_trail(Age age) throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, age)) {
      assertEquals(
          "The database has no table audit_logs (older platform version); it is"
              + " created on the first change.\n",
          cli().out("audit"));
      assertEquals("", cli().out("audit", "-o", "ndjson"));
    }
  }
}
