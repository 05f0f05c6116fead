package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.alert.AlertState;
import dev.patronus.alert.AlertState.Phase;
import dev.patronus.alert.Evaluation;
import dev.patronus.audit.Actor;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.json.Json;
import dev.patronus.store.Database;
import dev.patronus.store.table.SnapshotTable;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertCommandsTest {
  private static final Instant SNAPSHOT = Instant.parse("2026-11-23T13:59:00Z");

  @TempDir private Path folder;
  private Path config;
  private CommandLineRun cli;

  @BeforeEach
  void configure() throws Exception {
    Path file = SampleDatabase.make(folder, Age.NEWEST);
    config = folder.resolve("patronus.conf");
    write("alert = busy: policy voice byte-rate > 10M for 5m", "alert = disk: disk");
    cli =
        CommandLineRun.on(file)
            .env("PATRONUS_ALERT", "")
            .env("PATRONUS_ALERT_COMMAND", "")
            .env("PATRONUS_BUDGET", "")
            .env("PATRONUS_CONFIG", config.toString());
    try (Database database = Database.openWritable(file)) {
      PolicyTotal none = new PolicyTotal(Snapshot.UNMATCHED, 0, 0, 0, SNAPSHOT);
      new SnapshotTable(database)
          .write(
              CounterState.of(new Snapshot(SNAPSHOT, List.of(), none, false)),
              Optional.of(Map.of("busy", firing())),
              List.of(),
              new Actor("test", null, "test"));
    }
  }

  private void write(String... lines) throws Exception {
    Files.writeString(config, String.join("\n", lines) + "\n");
  }

  private static AlertState firing() {
    return new AlertState(
        Phase.FIRING,
        SNAPSHOT,
        true,
        Optional.of(SNAPSHOT),
        new Evaluation(OptionalDouble.of(12e6), OptionalDouble.of(10e6), true, true, ""));
  }

  @Test
  void the_list_has_each_rule_with_its_state() {
    assertEquals(
        """
        ALERT  STATE    SINCE                MEASURED     RULE                  SILENCED
        busy   firing   2026-11-23 13:59:00  96.0 Mbit/s  policy voice byte-r…  -
        disk   unknown  -                    -            disk                  -
        (cut because the screen is narrow: RULE; --wide shows all)
        """,
        cli.onTerminal(80, 40).out("alert", "list"));
    Json.Obj document = (Json.Obj) Json.parse(cli.out("alert", "list", "--firing", "--json"));
    Json.Obj only = (Json.Obj) document.list("alerts").getFirst();
    assertEquals(1, document.list("alerts").size());
    assertEquals("busy", only.text("alert"));
    assertEquals(12e6, only.number("value").toDouble());
    assertEquals("bytes_per_second", only.text("unit"));
    assertEquals("2026-11-23T13:59:00Z", only.text("since"));
  }

  @Test
  void old_states_are_shown_with_a_warning() {
    String out = cli.at("2026-11-23T15:00:00Z").onTerminal(120, 40).out("alert", "list");
    assertTrue(out.contains("The alerts were last evaluated 2026-11-23 13:59:00"), out);
  }

  @Test
  void states_that_no_running_daemon_evaluated_are_marked_as_stale_for_scripts() {
    String[] asked = {"alert", "list", "-o", "csv", "--no-headers", "--columns", "alert,stale"};
    assertEquals("busy,false\ndisk,true\n", cli.out(asked).replace("\r", ""));
    assertEquals(
        "busy,true\ndisk,true\n", cli.at("2026-11-23T14:05:00Z").out(asked).replace("\r", ""));
  }

  @Test
  void an_alert_is_found_by_the_beginning_of_its_name() {
    String out = cli.onTerminal(100, 40).out("alert", "show", "bu");
    assertTrue(out.contains("compared with   80.0 Mbit/s"), out);
    Outcome missing = cli.run("alert", "show", "busi");
    missing.failed(ExitCode.NOT_FOUND, "alert 'busi' not found; did you mean 'busy'?");
  }

  @Test
  void a_silence_is_listed_until_it_ends() {
    String said = cli.out("alert", "silence", "busy", "--for", "2h");
    assertEquals("alert busy is silenced until 2026-11-23 16:00:00\n", said);
    assertTrue(cli.out("alert", "list", "-o", "csv").contains("2026-11-23T16:00:00Z"));
    assertTrue(
        !cli.at("2026-11-23T16:00:00Z").out("alert", "list", "-o", "csv").contains("16:00:00Z"));
    cli.out("alert", "silence", "busy", "--end");
    assertTrue(!cli.out("alert", "list", "-o", "csv").contains("16:00:00Z"));
    assertTrue(cli.out("audit").contains("alert_silence"));
  }

  @Test
  void a_silence_needs_a_time_or_its_end() {
    assertEquals(ExitCode.USAGE, cli.run("alert", "silence", "busy").exitCode());
    assertEquals(ExitCode.USAGE, cli.run("alert", "silence", "busy", "--for", "0s").exitCode());
    assertEquals(
        ExitCode.USAGE, cli.run("alert", "silence", "busy", "--for", "1h", "--end").exitCode());
  }

  @Test
  void a_test_says_of_each_action_whether_it_worked() throws Exception {
    cli.run("alert", "test", "busy")
        .failed(
            ExitCode.REFUSED,
            "no action is configured; set alert-command, alert-webhook or alert-mail");
    write(
        "alert = busy: policy voice byte-rate > 10M for 5m",
        "alert-command = /bin/true",
        "alert-mail = noc@example.net",
        "alert-sendmail = /bin/false");
    Outcome outcome = cli.run("alert", "test", "busy", "-o", "csv", "--no-headers");
    assertEquals(ExitCode.FAILED, outcome.exitCode());
    assertEquals(
        "command,/bin/true,true,\nmail,noc@example.net,false,\"it ended with code 1\"\n",
        outcome.out().replace("\r", ""));
    assertEquals(ExitCode.DONE, cli.run("alert", "test", "busy", "--dry-run").exitCode());
  }

  @Test
  void what_was_understood_of_a_limit_is_said_in_the_unit_of_the_tables() throws Exception {
    write("alert = bits: total bit-rate > 50MB", "alert = bytes: total byte-rate >= 50M");
    assertTrue(cli.out("alert", "show", "bits").contains("above 400 Mbit/s"));
    assertTrue(cli.out("alert", "show", "bytes").contains("at or above 400 Mbit/s"));
    assertEquals(
        "\"above 400 Mbit/s\"\n\"at or above 400 Mbit/s\"\n",
        cli.out("alert", "list", "--columns", "fires", "-o", "csv", "--no-headers")
            .replace("\r", ""));
  }

  @Test
  void a_dry_run_shows_all_that_each_action_would_be_given() throws Exception {
    write(
        "alert = new: total bit-rate > 50MB",
        "alert-command = /bin/false",
        "alert-webhook = https://example.net/secret",
        "alert-mail = noc@example.net");
    String out = cli.out("alert", "test", "new", "--dry-run");
    assertTrue(out.contains("-, limit 400 Mbit/s (total bit-rate > 50MB)"), out);
    assertTrue(out.contains("\n  PATRONUS_ALERT_LIMIT=50000000\n"), out);
    assertTrue(out.contains("\n  PATRONUS_ALERT_TEST=1\n"), out);
    assertTrue(out.contains("\n  Auto-Submitted: auto-generated\n"), out);
    assertTrue(out.contains("\n  {\"schema\":1,\"alert\":\"new\""), out);
    assertTrue(!out.contains("secret"), out);
    assertTrue(!out.contains("\n\n\n"), out);
    Json.Obj document =
        (Json.Obj) Json.parse(cli.out("alert", "test", "new", "--dry-run", "--json"));
    Json.Obj command = (Json.Obj) document.list("actions").getFirst();
    assertTrue(command.text("content").contains("PATRONUS_ALERT_UNIT=bytes_per_second"));
  }

  @Test
  void a_dry_run_without_an_action_says_what_would_be_sent_and_that_nobody_gets_it() {
    Outcome outcome = cli.run("alert", "test", "busy", "--dry-run");
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertEquals(
        "Notice: test: alert busy is firing: 96.0 Mbit/s, limit 80.0 Mbit/s (policy voice byte-rate"
            + " > 10M for 5m)\nNo action is configured, so that it would be sent to nobody; set"
            + " alert-command, alert-webhook or alert-mail.\n",
        outcome.out());
  }

  @Test
  void a_rule_that_cannot_be_read_is_refused_with_line_and_column() throws Exception {
    write("# rules", "alert = busy: policy voice byte-rate > 10M", "  alert = \"x: disk < much\"");
    cli.run("alert", "list")
        .failed(
            ExitCode.USAGE,
            "alert: cannot read the number 'much'; write 500, 1.5M, 10GB, 4GiB, 100Mbit/s or 5min ("
                + config
                + " line 3, column 22)");
    write("alert = a: disk", "alert = a: drops");
    cli.run("alert", "list")
        .failed(ExitCode.USAGE, "alert: there are two rules 'a' (" + config + " line 2, column 9)");
    write("alert-webhook = ftp://example.net");
    Outcome webhook = cli.run("alert", "list");
    assertEquals(ExitCode.USAGE, webhook.exitCode(), webhook::toString);
    write("alert-mail = -oQ/tmp");
    assertEquals(ExitCode.USAGE, cli.run("alert", "list").exitCode());
    write("alert-command = script --with-arguments");
    assertEquals(ExitCode.USAGE, cli.run("alert", "list").exitCode());
  }
}
