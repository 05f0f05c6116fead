package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class PathHistoryCommandTest {
  private static final String SINCE = "2026-11-23T13:00Z";

  @TempDir private Path folder;

  private static long second(String clock) {
    return Instant.parse("2026-11-23T" + clock + ":00Z").getEpochSecond();
  }

  /// Path 1: measured at 13:01 to 13:20 with 1 to 20 ms, and at 13:50 with 100 ms. Path 2: never.
  private CommandLineRun cli(Age age) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, age)) {
      database.site("aa", "berlin").site("bb", "lyon").path(1, "aa", "bb").path(2, "bb", "aa");
      for (int minute = 1; minute <= 20; minute++) {
        database.metric(1, second("13:00") + 60L * minute, minute);
      }
      database.metric(1, second("13:50"), 100);
      if (age == Age.NEWEST) {
        health(database, "13:00", "up");
        health(database, "13:10", "down");
        health(database, "13:15", "degraded");
        health(database, "13:50", "up");
      }
    }
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private static void health(PlatformDatabase database, String clock, String status)
      throws SQLException {
    database.run(
        "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
            + " jitter_ms, health_score, status) VALUES ('1', ?, 12, 0.5, 1, 97.5, ?)",
        second(clock),
        status);
  }

  @Test
  void a_path_in_steps_with_its_whole_in_sentences() throws Exception {
    assertEquals(
        """
        Path 1, berlin to lyon, from 2026-11-23 13:00 UTC until 2026-11-23 14:00 UTC, in steps of 15m.
        95th percentiles: latency 20.0 ms, jitter 1.5 ms, loss 0.10 %, of 21 measurements.
        Uptime 87.50 % of 40 min observed with 4 health samples; down for 5 min.

        TIME                 LATENCY 95TH  JITTER 95TH  LOSS 95TH    UPTIME  SAMPLES
        2026-11-23 13:00:00       14.0 ms       1.5 ms     0.10 %   66.67 %       14
        2026-11-23 13:15:00       20.0 ms       1.5 ms     0.10 %  100.00 %        6
        2026-11-23 13:30:00             -            -          -         -        0
        2026-11-23 13:45:00      100.0 ms       1.5 ms     0.10 %  100.00 %        1
        """,
        cli(Age.NEWEST).out("path", "history", "1", "--since", SINCE, "--step", "15m"));
  }

  @Test
  void csv_has_mean_highest_and_the_seconds_of_each_status() throws Exception {
    assertEquals(
        """
        timestamp,time,latency_ms_95th,jitter_ms_95th,packet_loss_pct_95th,uptime_pct,samples,\
        latency_ms_mean,latency_ms_highest,jitter_ms_mean,jitter_ms_highest,\
        packet_loss_pct_mean,packet_loss_pct_highest,health_samples,observed_seconds,\
        up_seconds,degraded_seconds,down_seconds
        1795438800,2026-11-23T13:00:00Z,19.0,1.5,0.1,83.33333333333333,20,10.5,20.0,1.5,1.5,\
        0.1,0.1,3,1800,600,900,300
        """,
        cli(Age.NEWEST)
            .out(
                "path",
                "history",
                "1",
                "--range",
                "2026-11-23T12:30Z..2026-11-23T13:30Z",
                "--step",
                "30m",
                "-o",
                "csv")
            .replace("\r\n", "\n"));
  }

  @Test
  void a_document_has_the_whole_range_too() throws Exception {
    JsonNode document =
        new ObjectMapper()
            .readTree(cli(Age.NEWEST).out("path", "history", "1", "--since", SINCE, "--json"));
    assertEquals("1", document.at("/asked/path_id").asString());
    assertEquals(20, document.at("/totals/latency_ms_95th").asDouble());
    assertEquals(21, document.at("/totals/samples").asInt());
    assertEquals(300, document.at("/totals/down_seconds").asInt());
    assertEquals(0, document.at("/unreadable").asInt());
    assertEquals(1795438800, document.at("/rows/0/timestamp").asInt());
  }

  @Test
  void without_an_id_each_path_has_a_row() throws Exception {
    assertEquals(
        """
        95th percentiles from 2026-11-23 13:00 UTC until 2026-11-23 14:00 UTC.

        ID  FROM    TO      LATENCY 95TH  JITTER 95TH  LOSS 95TH   UPTIME  SAMPLES
        1   berlin  lyon         20.0 ms       1.5 ms     0.10 %  87.50 %       21
        2   lyon    berlin             -            -          -        -        -
        """,
        cli(Age.NEWEST).out("path", "history", "--since", SINCE));
  }

  @Test
  void the_first_rows_say_how_many_there_are_more_and_sorted_ones_are_the_first_of_all()
      throws Exception {
    CommandLineRun cli = cli(Age.NEWEST);
    String first = cli.out("path", "history", "--since", SINCE, "-n", "1");
    assertTrue(first.contains("\n1   berlin  lyon "), first);
    assertTrue(first.endsWith("(1 more)\n"), first);
    assertEquals(
        "2\n",
        cli.out(
                "path",
                "history",
                "--since",
                SINCE,
                "-n",
                "1",
                "--sort",
                "TO",
                "-o",
                "csv",
                "--columns",
                "path_id",
                "--no-headers")
            .replace("\r", ""));
  }

  @ParameterizedTest
  @EnumSource(
      value = Age.class,
      names = {"BEFORE_SPRINT_30", "SPRINT_30"})
  void older_databases_have_measurements_and_no_uptime(Age age) throws Exception {
    CommandLineRun cli = cli(age);
    assertEquals(
        """
        path_id,latency_ms_95th,uptime_pct,samples
        1,20.0,,21
        2,,,
        """,
        cli.out(
                "path",
                "history",
                "--since",
                SINCE,
                "-o",
                "csv",
                "--columns",
                "path_id,latency_ms_95th,uptime_pct,samples")
            .replace("\r\n", "\n"));
    Outcome person = cli.onTerminal(200, 50).run("path", "history", "--since", SINCE);
    assertEquals(
        "schema version '"
            + age.name().toLowerCase(Locale.ROOT).replace('_', '-')
            + "' has no table sdwan_path_health; UPTIME is not known.\n",
        person.err());
  }

  @Test
  void the_chart_shows_the_measure_that_is_asked_for() throws Exception {
    Outcome latency =
        cli(Age.NEWEST)
            .onTerminal(60, 50)
            .run("path", "history", "1", "--since", SINCE, "--step", "15m");
    assertEquals(
        """
        100 ms ┤            ████
               │            ████
               │            ████
               │            ████
         50 ms ┤            ████
               │            ████
               │▁▁▁▁▅▅▅▅╌╌╌╌████
               │████████    ████
        """
            .lines()
            .toList(),
        latency.out().lines().skip(3).limit(8).map(String::stripTrailing).toList());
  }

  @Test
  void what_belongs_to_one_path_needs_its_id() throws Exception {
    cli(Age.NEWEST)
        .run("path", "history", "--step", "1h")
        .failed(
            ExitCode.USAGE,
            "--step, --chart and --no-chart require the ID of a path; 'patronus path list'"
                + " shows them");
  }

  @Test
  void rows_without_end_are_refused() throws Exception {
    cli(Age.NEWEST)
        .run("path", "history", "1", "--since", "365d", "--step", "1m")
        .failed(
            ExitCode.USAGE,
            "that would be about 525,600 rows; choose a longer --step or a shorter range");
  }

  @Test
  void rows_are_sorted_by_a_column_of_any_name_and_cut() throws Exception {
    try (PlatformDatabase database = open()) {
      database.metric(2, second("13:30"), 500);
    }
    assertEquals(
        "path_id\r\n2\r\n",
        CommandLineRun.on(folder.resolve("sdwan.db"))
            .out(
                "path",
                "history",
                "--since",
                SINCE,
                "--sort",
                "latency 95th",
                "-n",
                "1",
                "-o",
                "csv",
                "--columns",
                "id"));
  }

  private PlatformDatabase open() throws Exception {
    cli(Age.NEWEST);
    return PlatformDatabase.open(folder.resolve("sdwan.db"));
  }
}
