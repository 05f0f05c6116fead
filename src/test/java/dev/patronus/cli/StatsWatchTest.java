package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The watch on snapshots, in this process; with the daemon and a real terminal, see
/// [StatsWatchIT].
class StatsWatchTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H";
  private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";

  @TempDir Path folder;
  private PlatformDatabase platform;
  private CommandLineRun cli;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    cli = CommandLineRun.on(platform.file());
    platform.policy(7, "voice", 100, "{}").policy(-2, "web", 50, "{}");
    stat(7, "13:58", 1000, 100_000);
    stat(7, "13:59", 1600, 160_000);
    stat(-2, "13:58", 500, 700_000);
    stat(-2, "13:59", 560, 706_000);
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private void stat(long policy, String time, long packets, long bytes) throws SQLException {
    long second = Instant.parse("2026-11-23T" + time + ":00Z").getEpochSecond();
    platform.stat(policy, second, packets, bytes, 3);
  }

  @Test
  void without_a_terminal_each_policy_adds_a_line_with_its_time() {
    String line = "2026-11-23 14:00:00  ";
    assertEquals(
        """
        TIME                 POLICY          RATE  GAINED  FLOWS   BYTES  PACKETS/S  SOURCE    NOTE
        2026-11-23 14:00:00  voice    8.00 kbit/s     0 B      3  160 kB       10.0  snapshot
        2026-11-23 14:00:00  web        800 bit/s     0 B      3  706 kB        1.0  snapshot
        2026-11-23 14:00:00  (total)  8.80 kbit/s     0 B      6  866 kB       11.0  snapshot
        """,
        cli.out("stats", "--watch", "--count", "1"));
    String twice = cli.out("stats", "--watch=100ms", "--count", "2", "-p", "web");
    assertEquals(5, twice.lines().count(), twice);
    assertEquals(1, twice.lines().filter(each -> each.startsWith("TIME")).count(), twice);
    assertEquals(4, twice.lines().filter(each -> each.startsWith(line)).count(), twice);
  }

  @Test
  void json_is_the_document_of_stats_on_one_line_for_each_reading() {
    List<String> lines =
        cli.out("stats", "--watch", "100ms", "--count", "2", "--json", "-p", "voice")
            .lines()
            .toList();
    assertEquals(2, lines.size());
    JsonNode document = JSON.readTree(lines.getLast());
    assertEquals(1, document.get("schema").asInt());
    assertEquals("2026-11-23T14:00:00Z", document.get("time").asString());
    assertEquals("snapshot", document.get("source").asString());
    JsonNode voice = document.get("policies").get(0);
    assertEquals(160_000, voice.get("bytes_matched").asLong());
    assertEquals(1000.0, voice.get("bytes_per_second").asDouble());
    assertEquals(0, voice.get("bytes_gained").asLong());
    assertEquals(160_000, document.get("totals").get("bytes_matched").asLong());
  }

  @Test
  void a_name_with_line_ends_and_blanks_stays_what_it_is() throws SQLException {
    platform.run("UPDATE sdwan_policies SET name = ? WHERE policy_id = 7", "a\n   b");
    String line = cli.out("stats", "--watch", "--count", "1", "--json");
    assertEquals(1, line.lines().count());
    assertEquals("a\n   b", JSON.readTree(line).get("policies").get(0).get("name").asString());
  }

  @Test
  void ndjson_and_csv_are_rows_with_their_time() {
    List<String> lines =
        cli.out("stats", "-w", "100ms", "--count", "2", "-o", "ndjson").lines().toList();
    assertEquals(4, lines.size());
    JsonNode row = JSON.readTree(lines.get(3));
    assertEquals("web", row.get("name").asString());
    assertEquals("snapshot", row.get("source").asString());
    assertEquals(0, row.get("resets").asInt());
    assertEquals(
        "name,bytes_gained\r\nvoice,0\r\nweb,0\r\nvoice,0\r\nweb,0\r\n",
        cli.out("stats", "-w=100ms", "--count=2", "-o", "csv", "--columns", "name,bytes_gained"));
  }

  @Test
  void a_terminal_is_drawn_on_its_other_screen_and_gets_a_summary() {
    Outcome outcome = cli.onTerminal(80, 24).run("stats", "--watch", "--count", "1");
    assertEquals(ExitCode.DONE, outcome.exitCode());
    assertTrue(outcome.out().startsWith(ENTER), outcome::toString);
    String summary = outcome.out().substring(outcome.out().indexOf(LEAVE) + LEAVE.length());
    assertEquals(
        """
        Watched for 0 s, 1 reading: 0 B in 0 packets.

        POLICY   GAINED  PACKETS  MEAN RATE  PEAK RATE  RESETS
        """,
        summary.substring(0, summary.indexOf("voice")).replace("- ", "- "));
    String frame = outcome.out().substring(0, outcome.out().indexOf(LEAVE));
    assertTrue(frame.contains("No daemon answers. Rates over 1 min.\r\nWatched 0 s."), frame);
    assertTrue(frame.contains("voice    8.00 kbit/s"), frame);
    assertTrue(frame.endsWith("\u001b[K\r\n\u001b[J"), "what is below is cleared: " + frame);
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 63, 70, 80, 200})
  void the_column_that_rows_are_sorted_by_is_on_a_screen_of_any_width(int columns) {
    Map<String, String> titles =
        Map.of(
            "name",
            "POLICY",
            "packets",
            "PACKETS ",
            "bytes",
            "BYTES",
            "flows",
            "FLOWS",
            "rate",
            "RATE");
    titles.forEach((order, title) -> {
      String out =
          cli.onTerminal(columns, 24).run("stats", "-w", "--count", "1", "--sort", order).out();
      String frame = out.substring(0, out.indexOf(LEAVE));
      String line =
          frame.lines().filter(each -> each.startsWith("POLICY")).findFirst().orElseThrow();
      assertTrue((line.replace("\u001b[K", "") + " ").contains(title), order + ": " + frame);
    });
  }

  @Test
  void what_has_no_room_is_one_line_with_its_sums() throws SQLException {
    for (int i = 0; i < 200; i++) {
      platform.policy(100 + i, "policy " + i, 10, "{}");
      stat(100 + i, "13:59", 10, 1_000);
    }
    Outcome outcome = cli.onTerminal(80, 24).run("stats", "--watch", "--count", "1");
    List<String> lines = outcome.out().substring(0, outcome.out().indexOf(LEAVE)).lines().toList();
    assertEquals(24, lines.size());
    assertTrue(lines.get(22).contains("… and 184 more"), lines.get(22));
    assertTrue(lines.get(22).contains("184 kB"), lines.get(22));
    assertTrue(lines.get(23).contains("(total)"), lines.get(23));
    Outcome ascii = cli.onTerminal(80, 24).env("LANG", "C").run("stats", "--watch", "--count", "1");
    String frame = ascii.out().substring(0, ascii.out().indexOf(LEAVE));
    assertTrue(frame.contains("... and 184 more"), frame);
    assertTrue(frame.chars().allMatch(c -> c < 127), frame);
  }

  @Test
  void a_window_of_any_size_is_kept_to() throws SQLException {
    platform.policy(300, "名前".repeat(40), 900, "{}");
    for (int[] size : new int[][] {{10, 2}, {20, 5}, {40, 11}, {50, 12}, {300, 80}}) {
      Outcome outcome =
          cli.onTerminal(size[0], size[1])
              .run("stats", "-w", "--count", "1", "--alert", "bytes>1", "--alert", "flows>1");
      String frame = outcome.out().substring(ENTER.length(), outcome.out().indexOf(LEAVE));
      assertTrue(frame.lines().count() <= size[1], frame);
    }
  }

  @Test
  void a_terminal_that_cannot_move_its_cursor_gets_lines() {
    Outcome outcome =
        cli.onTerminal(80, 24).env("TERM", "dumb").run("stats", "--watch", "--count", "1");
    assertFalse(outcome.out().contains("\u001b"), outcome::toString);
    assertTrue(outcome.out().startsWith("TIME "), outcome::toString);
  }

  @Test
  void q_ends_it_with_its_summary_and_other_keys_do_not() {
    Outcome outcome = cli.onTerminal(80, 24).typing("xy\u001b[A q").run("stats", "-w", "1h");
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.out().contains(LEAVE + "Watched for 0 s, 1 reading: "), outcome::toString);
    outcome = cli.onTerminal(80, 24).typing("abc").run("stats", "-w", "100ms", "--count", "3");
    assertEquals(3, outcome.out().split("\u001b\\[HSnapshot", -1).length - 1, outcome::toString);
  }

  @Test
  void an_interrupt_ends_it_with_its_summary_and_is_used_up() throws Exception {
    AtomicReference<Outcome> outcome = new AtomicReference<>();
    AtomicReference<Boolean> interruptedAfter = new AtomicReference<>();
    Thread watch =
        Thread.ofPlatform()
            .start(() -> {
              outcome.set(cli.onTerminal(80, 24).run("stats", "--watch", "1h"));
              interruptedAfter.set(Thread.currentThread().isInterrupted());
            });
    DaemonUnderTest.await("it rests", () -> watch.getState() == Thread.State.TIMED_WAITING);
    watch.interrupt();
    watch.join();
    assertEquals(ExitCode.DONE, outcome.get().exitCode());
    assertTrue(outcome.get().out().contains(LEAVE + "Watched for "), outcome.get()::toString);
    assertEquals(false, interruptedAfter.get());
  }

  @Test
  void a_new_snapshot_is_a_reading_and_the_same_one_is_not() throws Exception {
    AtomicReference<Outcome> outcome = new AtomicReference<>();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String[] words = {"stats", "-w", "100ms", "--json", "-p", "voice"};
    Thread watch =
        Thread.ofPlatform()
            .start(() -> outcome.set(cli.run(InputStream.nullInputStream(), out, words)));
    DaemonUnderTest.await("it has read once", () -> !voice(out).isEmpty());
    stat(7, "14:00", 100, 10_000);
    DaemonUnderTest.await(
        "it has seen the reset", () -> voice(out).getLast().get("resets").asInt() == 1);
    int readings = voice(out).size();
    DaemonUnderTest.await("it has read the same again", () -> voice(out).size() > readings);
    stat(7, "14:01", 700, 70_000);
    DaemonUnderTest.await(
        "it has seen the growth",
        () -> voice(out).getLast().get("bytes_gained").asLong() == 70_000);
    watch.interrupt();
    watch.join();
    List<JsonNode> voice = voice(out);
    JsonNode last = voice.getLast();
    assertEquals(70_000, last.get("bytes_gained").asLong());
    assertEquals(1, last.get("resets").asInt());
    assertEquals(1000.0, last.get("bytes_per_second").asDouble());
    assertTrue(
        voice.stream().allMatch(each -> each.get("bytes_per_second").asDouble() >= 0),
        outcome.get()::toString);
  }

  /// The policy in each line that has been printed completely.
  private static List<JsonNode> voice(ByteArrayOutputStream out) {
    String printed = out.toString(StandardCharsets.UTF_8);
    return printed
        .substring(0, printed.lastIndexOf('\n') + 1)
        .lines()
        .map(line -> JSON.readTree(line).get("policies").get(0))
        .toList();
  }

  @Test
  void a_limit_that_was_exceeded_meanwhile_ends_with_ten() {
    Outcome outcome =
        cli.run("stats", "-w", "100ms", "--count", "3", "--json", "--alert", "voice:bytes>1kB");
    assertEquals(ExitCode.LIMIT_EXCEEDED, outcome.exitCode());
    assertEquals(
        "patronus: 2026-11-23T14:00:00Z voice: bytes is 160 kB (snapshot of 1 min ago), and the limit"
            + " is voice:bytes>1kB\n",
        outcome.err());
    assertTrue(outcome.out().contains("\"alerts\": [\"voice: bytes"), outcome::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "ndjson"})
  void what_cannot_be_read_at_all_is_an_error_in_the_format(String format) {
    CommandLineRun nowhere = CommandLineRun.on(folder.resolve("nowhere.db"));
    Outcome outcome = nowhere.run("stats", "--watch", "100ms", "--count", "1", "-o", format);
    assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode(), outcome::toString);
    Printed.error(outcome.out(), ExitCode.UNUSABLE_DATABASE);
  }

  @Test
  void wrong_words_are_refused() {
    cli.run("stats", "--count", "3").failed(ExitCode.USAGE, "--count requires --watch");
    cli.run("stats", "--watch", "10ms")
        .failed(ExitCode.USAGE, "--watch: must be at least 100ms, was '10ms'");
    assertEquals(ExitCode.USAGE, cli.run("stats", "--watch", "soon").exitCode());
    assertEquals(ExitCode.NOT_FOUND, cli.run("stats", "-w", "-p", "vioce").exitCode());
    assertEquals(ExitCode.USAGE, cli.run("stats", "-w", "-o", "csv", "--columns", "x").exitCode());
  }
}
