package dev.patronus.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Budgets on a policy that carries 1,000 bytes in each hour since 2026-09-01.
class StatsBudgetCommandTest {
  private static final long BEGIN = Instant.parse("2026-09-01T00:00:00Z").getEpochSecond();
  private static final long END = Instant.parse("2026-11-23T14:00:00Z").getEpochSecond();

  @TempDir private Path folder;
  private Path config;
  private CommandLineRun cli;

  @BeforeEach
  void count() throws Exception {
    config = folder.resolve("patronus.conf");
    Files.writeString(config, "");
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.policy(7, "backup", 100, "{}");
      database.inOneTransaction(() -> {
        for (long second = BEGIN; second <= END; second += 1800) {
          // half of an hour's bytes at the half, so that hours and half hours can be told apart
          database.stat(7, second, (second - BEGIN) / 1800, (second - BEGIN) / 1800 * 500, 1);
        }
      });
      cli =
          CommandLineRun.on(database.file())
              .env("PATRONUS_CONFIG", config.toString())
              .env("PATRONUS_ALERT", "")
              .env("PATRONUS_BUDGET", "")
              .at("2026-11-23T14:00:00Z");
    }
    assertEquals(ExitCode.DONE, cli.run("db", "migrate").exitCode());
  }

  private String used(String zone, String budget) throws Exception {
    Files.writeString(config, "budget = b: policy backup " + budget + "\n");
    return cli.out(
            "stats",
            "budget",
            "--tz",
            zone,
            "-o",
            "csv",
            "--no-headers",
            "--columns",
            "used_bytes,left_bytes,forecast_bytes,daily_bytes,state")
        .strip();
  }

  /// The bytes in the half hours from one second to another; a reading counts for its own.
  private static long bytes(String from, String until) {
    long first = Instant.parse(from).getEpochSecond();
    long last = Math.min(END + 1, Instant.parse(until).getEpochSecond());
    return Math.ceilDiv(last - first, 1800) * 500;
  }

  @Test
  void a_month_that_begins_on_a_day_is_used_since_midnight_of_the_zone() throws Exception {
    long berlin = bytes("2026-11-14T23:00:00Z", "2026-12-14T23:00:00Z");
    long kolkata = bytes("2026-11-14T18:30:00Z", "2026-12-14T18:30:00Z");
    assertTrue(
        used("Europe/Berlin", "1GB per month from day 15").startsWith(berlin + ","),
        () -> "" + berlin);
    assertTrue(
        used("Asia/Kolkata", "1GB per month from day 15").startsWith(kolkata + ","),
        () -> "" + kolkata);
  }

  @Test
  void what_is_left_the_forecast_and_the_state_follow_from_it() throws Exception {
    long used = bytes("2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z");
    long left = 1_000_000 - used;
    long forecast = used + Math.round(24_000 * (6 * 24 + 9) / 24.0);
    assertEquals(
        used + "," + left + "," + forecast + ",24000,ok",
        used("Europe/Berlin", "1MB per week").replace("\"", ""));
    assertTrue(used("Europe/Berlin", "10kB per week").endsWith("exceeded"));
    assertTrue(used("Europe/Berlin", used + " per week warn 100%").endsWith("warning"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "Asia/Kolkata"})
  void the_periods_of_a_year_add_up_to_all_traffic(String zone) throws Exception {
    Files.writeString(config, "budget = b: policy backup 1GB per week from sunday\n");
    String csv =
        cli.out(
            "stats",
            "budget",
            "b",
            "--tz",
            zone,
            "-n",
            "60",
            "-o",
            "csv",
            "--no-headers",
            "--columns",
            "used_bytes");
    long sum = csv.lines().mapToLong(line -> Long.parseLong(line.strip())).sum();
    assertEquals((END - BEGIN) / 1800 * 500, sum);
    assertEquals(13, csv.lines().count());
  }

  @Test
  void periods_across_the_end_of_summer_time_have_an_hour_more() throws Exception {
    Files.writeString(config, "budget = b: policy backup 1GB per day\n");
    String csv =
        cli.at("2026-10-26T12:00:00Z")
            .out(
                "stats",
                "budget",
                "b",
                "--tz",
                "Europe/Berlin",
                "-n",
                "3",
                "-o",
                "csv",
                "--no-headers",
                "--columns",
                "used_bytes");
    assertEquals("25000", csv.lines().skip(1).findFirst().orElseThrow().strip());
    assertEquals("24000", csv.lines().skip(2).findFirst().orElseThrow().strip());
  }

  @Test
  void a_budget_of_a_policy_that_is_not_there_is_refused() throws Exception {
    Files.writeString(config, "budget = b: policy bakcup 1GB per day\n");
    cli.run("stats", "budget")
        .failed(ExitCode.NOT_FOUND, "policy 'bakcup' not found; did you mean 'backup'?");
  }

  @Test
  void an_alert_of_a_budget_that_is_not_there_is_refused_with_its_place() throws Exception {
    Files.writeString(config, "alert = full: budget backup > 80%\n");
    cli.run("alert", "list")
        .failed(
            ExitCode.USAGE,
            "alert: there is no budget 'backup' (" + config + " line 1, column 22)");
  }

  @Test
  void names_of_budgets_are_completed() {
    assertEquals(
        "backup\tpolicy voice 2TB per month from day 15 warn 80%\n",
        CommandLineRun.on(folder.resolve("sdwan.db"))
            .env("PATRONUS_BUDGET", "backup: policy voice 2TB per month from day 15 warn 80%")
            .out("__complete", "--", "stats", "budget", "ba"));
  }
}
