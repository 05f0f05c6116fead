package dev.patronus.cli.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;

class ExportCommandTest {
  private static final String[] EXPORTS = {
    "stats",
    "path-metrics",
    "path-health",
    "failover-events",
    "system-metrics",
    "sites",
    "policies",
    "audit"
  };

  @TempDir Path folder;
  private PlatformDatabase platform;
  private CommandLineRun cli;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    cli = CommandLineRun.on(platform.file());
    platform.policy(7, "voice", 100, "{\"protocol\":17}");
    platform.policy(-2, "web", 50, "{}");
    stat(7, "13:00", 100, 10_000, 3);
    stat(-2, "13:00", 5, 500, 1);
    stat(7, "13:01", 160, 16_000, 4);
    stat(-2, "13:01", 2, 200, 0);
    stat(7, "13:03", 180, 18_000, 2);
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private void stat(long policy, String time, long packets, long bytes, long flows)
      throws SQLException {
    long second = java.time.Instant.parse("2026-11-23T" + time + ":00Z").getEpochSecond();
    platform.stat(policy, second, packets, bytes, flows);
  }

  @Test
  void changes_of_rows_beside_a_clock_that_jumped_are_those_of_their_arrival() throws SQLException {
    stat(7, "12:30", 190, 19_000, 2);
    stat(7, "13:05", 200, 20_000, 2);
    cli.out("db", "migrate");
    String columns = "--columns=policy_id,time,packets_matched,elapsed_seconds,reset";
    String all = cli.out("export", "stats", "--values", "delta", columns).replace("\r\n", "\n");
    assertEquals(
        """
        policy_id,time,packets_matched,elapsed_seconds,reset
        7,2026-11-23T13:00:00Z,,,false
        18446744073709551614,2026-11-23T13:00:00Z,,,false
        7,2026-11-23T13:01:00Z,60,60,false
        18446744073709551614,2026-11-23T13:01:00Z,2,60,true
        7,2026-11-23T13:03:00Z,20,120,false
        7,2026-11-23T12:30:00Z,10,-1980,false
        7,2026-11-23T13:05:00Z,10,2100,false
        """,
        all);
    assertEquals(
        """
        policy_id,time,packets_matched,elapsed_seconds,reset
        7,2026-11-23T13:03:00Z,20,120,false
        7,2026-11-23T13:05:00Z,10,2100,false
        """,
        cli.out("export", "stats", "--values=delta", "--since=2026-11-23T13:02Z", columns)
            .replace("\r\n", "\n"));
    assertEquals("", cli.run("export", "stats", "--values", "delta").err());
  }

  @Test
  void rows_come_as_they_were_written_under_the_names_of_the_database() {
    assertEquals(
        """
        stat_id,policy_id,timestamp,packets_matched,bytes_matched,active_flows
        1,7,1795438800,100,10000,3
        2,18446744073709551614,1795438800,5,500,1
        3,7,1795438860,160,16000,4
        4,18446744073709551614,1795438860,2,200,0
        5,7,1795438980,180,18000,2
        """,
        cli.out("export", "stats").replace("\r\n", "\n"));
  }

  @Test
  void a_document_says_what_was_asked_and_has_the_times_in_words_too() {
    assertEquals(
        """
        {
          "schema": 1,
          "asked": {"export": "stats", "columns": ["policy_id","bytes_matched","time"], \
        "policies": ["7"], "values": "cumulative", "step": null, \
        "since": "2026-11-23T13:01:00Z", "until": null},
          "rows": [
            {"policy_id":"7","bytes_matched":16000,"time":"2026-11-23T13:01:00Z"},
            {"policy_id":"7","bytes_matched":18000,"time":"2026-11-23T13:03:00Z"}
          ]
        }
        """,
        cli.out(
            "export",
            "stats",
            "--json",
            "-p",
            "voice",
            "--since",
            "2026-11-23T13:01Z",
            "--columns",
            "policy_id,bytes_matched,time"));
  }

  @Test
  void differences_are_right_across_a_reset_and_at_the_beginning_of_a_range() {
    assertEquals(
        """
        stat_id,policy_id,timestamp,packets_matched,bytes_matched,active_flows,elapsed_seconds,reset
        3,7,1795438860,60,6000,4,60,false
        4,18446744073709551614,1795438860,2,200,0,60,true
        5,7,1795438980,20,2000,2,120,false
        """,
        cli.out("export", "stats", "--values", "delta", "--since", "2026-11-23T13:01Z")
            .replace("\r\n", "\n"));
  }

  @Test
  void changes_of_chosen_policies_come_policy_by_policy_and_are_the_same() throws SQLException {
    stat(7, "12:30", 20, 2_000, 2);
    String columns = "--columns=stat_id,policy_id,packets_matched,elapsed_seconds,reset";
    List<String> all =
        cli.out("export", "stats", "--values=delta", columns, "--no-headers").lines().toList();
    assertEquals(
        """
        6,7,,,false
        1,7,80,1800,false
        3,7,60,60,false
        5,7,20,120,false
        2,18446744073709551614,,,false
        4,18446744073709551614,2,60,true
        """,
        cli.out(
                "export",
                "stats",
                "--values=delta",
                columns,
                "--no-headers",
                "-p",
                "voice",
                "-p",
                "web")
            .replace("\r\n", "\n"));
    assertEquals(
        List.of(
            "1,7,80,1800,false",
            "2,18446744073709551614,,,false",
            "3,7,60,60,false",
            "4,18446744073709551614,2,60,true",
            "5,7,20,120,false",
            "6,7,,,false"),
        all);
  }

  @Test
  void the_first_row_of_a_policy_has_no_difference() {
    assertTrue(
        cli.out("export", "stats", "--values", "rate", "-p", "7", "-o", "ndjson")
            .startsWith(
                "{\"stat_id\":1,\"policy_id\":\"7\",\"timestamp\":1795438800,"
                    + "\"packets_per_second\":null,\"bytes_per_second\":null,\"active_flows\":3,"
                    + "\"elapsed_seconds\":null,\"reset\":false"));
  }

  @Test
  void steps_gather_what_lies_in_them() {
    assertEquals(
        """
        policy_id,timestamp,packets_matched,bytes_matched,active_flows,elapsed_seconds,resets,gap
        7,1795438800,60,6000,4,60,0,false
        7,1795438920,20,2000,2,120,0,false
        18446744073709551614,1795438800,2,200,0,60,1,false
        """,
        cli.out("export", "stats", "--values", "delta", "--step", "2m").replace("\r\n", "\n"));
  }

  @Test
  void steps_of_cumulative_values_keep_the_last_row_of_each() {
    assertEquals(
        """
        stat_id,policy_id,timestamp,packets_matched,bytes_matched,active_flows
        3,7,1795438860,160,16000,4
        5,7,1795438980,180,18000,2
        4,18446744073709551614,1795438860,2,200,0
        """,
        cli.out("export", "stats", "--step", "2m").replace("\r\n", "\n"));
  }

  @Test
  void a_table_is_for_people() {
    assertEquals(
        """
        TIME                 POLICY NAME  PACKETS MATCHED  BYTES MATCHED  ACTIVE FLOWS
        2026-11-23 13:03:00  voice                    180        18.0 kB             2
        """,
        cli.out("export", "stats", "-o", "table", "--since", "2026-11-23T13:02Z"));
  }

  @Test
  void a_table_of_metrics_begins_with_when_and_where() throws SQLException {
    platform.site("aaa", "berlin").site("bbb", "paris").path(4, "aaa", "bbb").metric(4, 50, 12.25);
    assertTrue(
        cli.out("export", "path-metrics", "-o", "table")
            .startsWith("TIME                 SRC SITE NAME  DST SITE NAME  PATH ID  LATENCY MS"));
  }

  @Test
  void columns_that_are_looked_up_come_when_they_are_asked_for() throws SQLException {
    platform.site("aaa", "berlin").site("bbb", "paris").path(4, "aaa", "bbb").metric(4, 50, 12.25);
    assertEquals(
        "time,src_site_name,dst_site_name,latency_ms\r\n1970-01-01T00:00:50Z,berlin,paris,12.25\r\n",
        cli.out(
            "export", "path-metrics", "--columns", "time,src_site_name,dst_site_name,latency_ms"));
    assertEquals(
        "site_name,public_key\r\nberlin,AP8Q\r\nparis,AP8Q\r\n",
        cli.out("export", "sites", "--columns", "site_name,public_key"));
  }

  @Test
  void rules_are_json_in_json_and_text_where_they_cannot_be_read() throws SQLException {
    platform.policy(9, "broken", 1, "{oops");
    String rows = cli.out("export", "policies", "-o", "ndjson", "--columns", "name,match_rules");
    assertEquals(
        """
        {"name":"voice","match_rules":{"protocol":17}}
        {"name":"broken","match_rules":"{oops"}
        {"name":"web","match_rules":{}}
        """,
        rows);
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void every_export_works_on_every_age_with_a_header_even_where_there_is_no_row(Age age)
      throws SQLException, IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (PlatformDatabase empty = PlatformDatabase.create(other, age)) {
      for (String export : EXPORTS) {
        CommandLineRun on = CommandLineRun.on(empty.file());
        assertEquals(1, on.out("export", export).lines().count(), export);
        assertEquals("", on.out("export", export, "-o", "ndjson"));
        JsonNode document = new ObjectMapper().readTree(on.out("export", export, "--json"));
        assertEquals(1, document.get("schema").asInt());
        assertEquals(export, document.get("asked").get("export").asString());
        assertEquals(0, document.get("rows").size());
      }
    }
  }

  @Test
  void a_person_is_told_that_a_table_is_not_there_yet() throws SQLException, IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (PlatformDatabase old = PlatformDatabase.create(other, Age.BEFORE_SPRINT_30)) {
      Outcome outcome = CommandLineRun.on(old.file()).onTerminal(132, 24).run("export", "stats");
      assertEquals(
          "schema version 'before-sprint-30' has no table sdwan_policy_stats; nothing"
              + " to export.\n",
          outcome.err());
    }
  }

  /// Rows with every kind of value, from a seed.
  private void fill(Random random) throws SQLException {
    platform.inOneTransaction(() -> {
      for (int i = 0; i < 2_000; i++) {
        platform.stat(
            random.nextBoolean() ? 7 : -2,
            1_700_000_000L + random.nextInt(1_000_000),
            random.nextLong() >>> random.nextInt(64),
            random.nextLong() >> random.nextInt(64),
            random.nextInt(50));
      }
    });
  }

  @Test
  void other_readers_of_csv_and_json_read_the_rows_that_sql_gives()
      throws SQLException, IOException {
    long seed = System.nanoTime();
    fill(new Random(seed));
    List<String> expected =
        platform.rows(
            "SELECT stat_id, printf('%llu', policy_id), timestamp, packets_matched, bytes_matched,"
                + " active_flows FROM sdwan_policy_stats ORDER BY stat_id");
    List<String> csv = new ArrayList<>();
    CsvMapper mapper = CsvMapper.builder().enable(CsvReadFeature.WRAP_AS_ARRAY).build();
    for (String[] row :
        mapper
            .readerFor(String[].class)
            .<String[]>readValues(cli.out("export", "stats"))
            .readAll()) {
      csv.add(String.join("|", row));
    }
    assertEquals(expected, csv.subList(1, csv.size()), "seed " + seed);
    List<String> json = new ArrayList<>();
    for (JsonNode row :
        new ObjectMapper().readTree(cli.out("export", "stats", "--json")).get("rows")) {
      List<String> cells = row.values().stream().map(JsonNode::asString).limit(6).toList();
      json.add(String.join("|", cells));
    }
    assertEquals(expected, json, "seed " + seed);
  }

  @Test
  void the_bytes_are_those_of_the_sqlite3_program_but_for_line_ends_and_the_header()
      throws SQLException, IOException {
    Tools.require("sqlite3");
    fill(new Random(5));
    platform.run("DELETE FROM sdwan_policy_stats WHERE policy_id < 0");
    platform.run("PRAGMA foreign_keys = OFF");
    platform.run(
        "INSERT INTO sdwan_policy_stats VALUES"
            + " (900001, 7, 1, 'a \"b\", ''c''', '', 1.25), (900002, 7, 'ü', 'a,b', 'x' || char(10), -3)");
    String theirs =
        Program.of(
                "sqlite3",
                "-csv",
                platform.file(),
                "SELECT * FROM sdwan_policy_stats ORDER BY stat_id")
            .run()
            .stdout();
    assertEquals(theirs, cli.out("export", "stats", "--no-headers").replace("\r\n", "\n"));
    platform.site("a", "x").site("b", "y").path(1, "a", "b");
    for (int i = 0; i < 1000; i++) {
      platform.metric(1, i, Math.round(i * 731.7) / 100.0);
    }
    String metrics =
        Program.of("sqlite3", "-csv", platform.file(), "SELECT * FROM sdwan_path_metrics")
            .run()
            .stdout();
    assertEquals(metrics, cli.out("export", "path-metrics", "--no-headers").replace("\r\n", "\n"));
  }

  private void health(String path, long at, String status) throws SQLException {
    platform.run(
        "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
            + " jitter_ms, health_score, status) VALUES (?, ?, 12.5, 0, 1, 97, ?)",
        path,
        at,
        status);
  }

  @Test
  void health_samples_are_chosen_by_range_and_by_paths_whose_ids_are_text() throws SQLException {
    platform.site("a", "x").site("b", "y").path(9, "a", "b").path(10, "b", "a");
    health("10", 200, "up");
    health("9", 100, "down");
    health("tunnel", 300, "up");
    health("10", 100, "down");
    String[] all = {"export", "path-health", "--columns", "health_id", "--no-headers"};
    assertEquals("1 2 3 4", oneLine(cli.out(all)));
    assertEquals("1 3", oneLine(cli.out(more(all, "--since", "200"))));
    assertEquals("4 1", oneLine(cli.out(more(all, "--path", "10"))));
    assertEquals("2 4 1", oneLine(cli.out(more(all, "--path", "10,9"))));
    assertEquals("1", oneLine(cli.out(more(all, "--path", "10,9", "--since", "150"))));
    assertEquals(
        "x,y\r\n",
        cli.out(
            "export",
            "path-health",
            "--path",
            "9",
            "--no-headers",
            "--columns",
            "src_site_name,dst_site_name"));
  }

  private static String oneLine(String lines) {
    return String.join(" ", lines.lines().toList());
  }

  private static String[] more(String[] words, String... others) {
    return Stream.of(words, others).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void failover_events_have_the_name_of_their_policy() throws SQLException {
    platform
        .run(
            "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id,"
                + " backup_path_ids) VALUES (-1, 'wan', '1', '[]')")
        .run(
            "INSERT INTO sdwan_failover_events (policy_id, event_type, from_path_id, to_path_id,"
                + " reason, timestamp) VALUES (-1, 'triggered', '1', NULL, 'loss', 60)");
    assertEquals(
        """
        time,policy_name,policy_id,event_type,from_path_id,to_path_id,reason
        1970-01-01T00:01:00Z,wan,18446744073709551615,triggered,1,,loss
        """,
        cli.out(
                "export",
                "failover-events",
                "--columns",
                "time,policy_name,policy_id,event_type,from_path_id,to_path_id,reason")
            .replace("\r\n", "\n"));
  }

  @Test
  void a_file_has_the_format_that_its_name_ends_in() throws IOException {
    Path file = folder.resolve("rows.ndjson.gz");
    assertEquals("", cli.out("export", "stats", "--file", file.toString()));
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      String rows = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(5, rows.lines().count());
      assertTrue(rows.startsWith("{\"stat_id\":1,"), rows);
    }
  }

  @Test
  void an_export_that_fails_leaves_no_file() throws IOException, SQLException {
    Path file = folder.resolve("rows.csv");
    platform.run("DROP TABLE sdwan_policy_stats");
    platform.run("CREATE TABLE sdwan_policy_stats (stat_id INTEGER PRIMARY KEY)");
    Outcome outcome = cli.run("export", "stats", "--file", file.toString());
    assertEquals(ExitCode.FAILED, outcome.exitCode(), outcome::toString);
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.anyMatch(f -> f.toString().contains("rows.csv")));
    }
  }

  @Test
  void a_folder_that_is_not_there_is_refused_with_a_sentence() {
    cli.run("export", "stats", "--file", folder.resolve("no/rows.csv").toString())
        .failed(
            ExitCode.FAILED,
            "there is no folder "
                + folder.resolve("no")
                + "; make it with 'mkdir -p "
                + folder.resolve("no")
                + "'");
  }

  @Test
  void a_column_that_is_not_there_is_refused_with_those_that_are() {
    cli.run("export", "stats", "--columns", "bytes")
        .failed(
            ExitCode.USAGE,
            "--columns: unknown column 'bytes'; there are stat_id, policy_id,"
                + " timestamp, packets_matched, bytes_matched, active_flows, time,"
                + " policy_name");
  }

  @Test
  void an_unknown_policy_is_not_found() {
    Outcome outcome = cli.run("export", "stats", "-p", "vioce");
    outcome.failed(ExitCode.NOT_FOUND, "policy 'vioce' not found; did you mean 'voice'?");
  }

  @Test
  void a_bad_time_is_wrong_usage() {
    assertEquals(ExitCode.USAGE, cli.run("export", "stats", "--since", "soon").exitCode());
    assertEquals(
        ExitCode.USAGE,
        cli.run("export", "stats", "--range", "2026-11", "--since", "7d").exitCode());
  }

  @Test
  void the_range_that_was_understood_is_told_to_a_person() {
    Outcome outcome =
        cli.onTerminal(80, 24)
            .run("export", "stats", "--range", "2026-11", "--tz", "Europe/Berlin");
    assertEquals(
        "Range: from 2026-11-01 00:00 +01:00 until 2026-12-01 00:00 +01:00\n", outcome.err());
  }

  @Test
  void since_last_exports_each_row_once() throws SQLException {
    String state = folder.resolve("state").toString();
    String[] words = {
      "export", "stats", "--since-last", state, "--no-headers", "--columns", "stat_id"
    };
    assertEquals("1\r\n2\r\n3\r\n4\r\n5\r\n", cli.out(words));
    assertEquals("", cli.out(words));
    platform.stat(7, 50, 1, 1, 1);
    assertEquals("6\r\n", cli.out(words), "also a late one");
    assertEquals("", cli.out(words));
    String[] again = Stream.concat(Stream.of(words), Stream.of("--restart")).toArray(String[]::new);
    assertEquals(6, cli.out(again).lines().count());
  }

  @Test
  void since_last_begins_at_since_and_then_leaves_out_nothing() throws SQLException {
    String state = folder.resolve("state").toString();
    String[] words = {
      "export",
      "stats",
      "--since-last",
      state,
      "--no-headers",
      "--columns",
      "stat_id",
      "--since",
      "2026-11-23T13:01Z"
    };
    assertEquals("3\r\n4\r\n5\r\n", cli.out(words));
    platform.stat(7, 50, 1, 1, 1);
    assertEquals("6\r\n", cli.out(words));
  }

  @Test
  void since_last_keeps_to_its_policies() throws SQLException {
    String state = folder.resolve("state").toString();
    String[] words = {
      "export", "stats", "--since-last", state, "--no-headers", "--columns", "stat_id", "-p", "web"
    };
    assertEquals("2\r\n4\r\n", cli.out(words));
    stat(-2, "13:09", 1, 1, 1);
    stat(7, "13:09", 1, 1, 1);
    assertEquals("6\r\n", cli.out(words));
    cli.run("export", "stats", "--since-last", state, "--columns", "stat_id,time")
        .failed(
            ExitCode.FAILED,
            "the state "
                + state
                + " was created with different options: columns were stat_id, policies were 18446744073709551614;"
                + " give those again, use another state file, or start over with --restart");
  }

  @Test
  void since_last_knows_its_database_again() throws SQLException, IOException {
    String state = folder.resolve("state").toString();
    cli.out("export", "stats", "--since-last", state);
    platform.run("UPDATE sdwan_policy_stats SET bytes_matched = 1 WHERE stat_id = 5");
    Outcome other = cli.run("export", "stats", "--since-last", state);
    other.failed(
        ExitCode.UNUSABLE_DATABASE,
        platform.file()
            + " is not the database for which "
            + state
            + " was written, or an older copy of it: row 5 is different; use another"
            + " state file, or start over with --restart");
    Path copy = Files.createDirectory(folder.resolve("other"));
    try (PlatformDatabase fewer = PlatformDatabase.create(copy, Age.NEWEST)) {
      Outcome outcome =
          CommandLineRun.on(fewer.file()).run("export", "stats", "--since-last", state);
      assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode());
      assertTrue(outcome.err().contains("it has fewer rows than were exported"), outcome::err);
    }
  }

  @Test
  void since_last_goes_on_after_the_last_row_was_pruned() throws SQLException {
    String state = folder.resolve("state").toString();
    String[] words = {
      "export", "stats", "--since-last", state, "--no-headers", "--columns", "stat_id"
    };
    cli.out(words);
    platform.run("DELETE FROM sdwan_policy_stats");
    assertEquals("", cli.out(words));
    platform.stat(7, 50, 1, 1, 1);
    assertEquals("6\r\n", cli.out(words));
  }

  @Test
  void since_last_goes_with_rows_as_they_are_alone() {
    for (String[] more :
        new String[][] {
          {"--values", "delta"}, {"--step", "5m"}, {"--until", "today"}, {"--range", "2026-11"}
        }) {
      List<String> words = new ArrayList<>(List.of("export", "stats", "--since-last", "x"));
      words.addAll(List.of(more));
      assertEquals(ExitCode.USAGE, cli.run(words.toArray(String[]::new)).exitCode());
    }
    assertEquals(ExitCode.USAGE, cli.run("export", "stats", "--restart").exitCode());
    assertEquals(ExitCode.USAGE, cli.run("export", "sites", "--since-last", "x").exitCode());
  }

  @Test
  void a_name_has_the_conversions_of_date_that_the_help_names_and_no_other() throws Exception {
    String name = folder.resolve("x-%F-%T-%%.csv").toString();
    cli.out("export", "stats", "--file", name);
    assertTrue(Files.exists(folder.resolve("x-2026-11-23-14:00:00-%.csv")));
    cli.run("export", "stats", "--file", folder.resolve("x-%j.csv").toString())
        .failed(
            ExitCode.USAGE,
            "--file: unknown conversion '%j' in the name; %Y %m %d %H %M %S, %F (%Y-%m-%d) and %T"
                + " (%H:%M:%S) become the time (UTC), %% a percent sign");
  }
}
