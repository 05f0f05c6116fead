package dev.patronus.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.policy.PolicyId;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ReportCommandTest {
  private static final long NOON = Instant.parse("2026-11-23T12:00:00Z").getEpochSecond();
  private static final int STEP_SECONDS = 300;
  private static final int STEPS = 24;

  @TempDir Path folder;
  private PlatformDatabase platform;
  private CommandLineRun cli;
  private final ObjectMapper json = new ObjectMapper();

  /// Two policies, two hours until 14:00, a snapshot each five minutes; voice is reset at 12:50,
  /// and the snapshots of 13:10 and 13:15 are missing.
  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    cli = CommandLineRun.on(platform.file());
    platform.policy(7, "voice", 100, "{}").policy(-2, "web", 50, "{}");
    long voice = 0;
    long web = 1_000_000;
    for (int i = 0; i <= STEPS; i++) {
      voice = i == 10 ? 500 : voice + 1_000 + 37L * i % 700;
      web += 90_000 + 7919L * i % 60_000;
      if (i != 14 && i != 15) {
        platform.stat(7, second(i), voice / 10, voice, 3).stat(-2, second(i), web / 500, web, 9);
      }
    }
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private static long second(int step) {
    return NOON + (long) step * STEP_SECONDS;
  }

  private JsonNode document(String... words) {
    return json.readTree(cli.out(words));
  }

  private String page(String... words) {
    return cli.out(Stream.concat(Stream.of("report"), Stream.of(words)).toArray(String[]::new));
  }

  /// The exact numbers of each row of the table of policies, by name.
  private static Map<String, List<String>> policies(String page) {
    Map<String, List<String>> rows = new TreeMap<>();
    String table = page.substring(page.indexOf("<table class=\"policies\">"));
    table = table.substring(0, table.indexOf("</table>"));
    Pattern.compile(
            "<tr><th scope=\"row\" data-title=\"[A-Za-z ]+\"><bdi>(.*?)</bdi>(.*?)</tr>",
            Pattern.DOTALL)
        .matcher(table)
        .results()
        .forEach(row -> rows.put(row.group(1), exact(row.group(2))));
    return rows;
  }

  private static List<String> exact(String markup) {
    return Pattern.compile("<data value=\"(.*?)\">")
        .matcher(markup)
        .results()
        .map(MatchResult::group)
        .map(each -> each.substring("<data value=\"".length(), each.length() - 2))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--since 2026-11-23T12:00Z --step 5m",
        "--since 2026-11-23T12:07Z --until 2026-11-23T13:31Z --step 15m",
        "--range 2026-11-23 --step 1h --tz Asia/Kathmandu",
        "--until 2026-11-23T13:00Z --step 10m -p web"
      })
  void its_numbers_are_those_of_the_history(String asked) {
    String[] words = asked.split(" ", -1);
    JsonNode history = document(join("stats history -o json", words));
    JsonNode report = document(join("report -o json", words));
    assertFalse(history.get("rows").isEmpty());
    for (String part : List.of("asked", "rows", "policies", "implausible")) {
      assertEquals(history.get(part), report.get(part), part);
    }
    for (String sum :
        List.of("packets_matched", "bytes_matched", "bytes_per_second_95th", "resets", "gaps")) {
      assertEquals(history.get("totals").get(sum), report.get("totals").get(sum), sum);
    }
  }

  private static String[] join(String first, String... rest) {
    List<String> words = new ArrayList<>(List.of(first.split(" ", -1)));
    words.addAll(List.of(rest));
    return words.toArray(String[]::new);
  }

  @Test
  void the_page_says_exactly_what_the_document_says() {
    String[] asked = {"--since", "2026-11-23T12:00Z", "--step", "5m"};
    JsonNode report = document(join("report -o json", asked));
    String page = page(asked);
    Map<String, List<String>> rows = policies(page);
    assertEquals(2, report.get("policies").size());
    for (JsonNode policy : report.get("policies")) {
      assertEquals(
          Stream.of(
                  "bytes_matched",
                  "packets_matched",
                  "bytes_per_second_95th",
                  "bytes_per_second_highest",
                  "resets",
                  "gaps")
              .map(name -> policy.get(name).asString())
              .toList(),
          rows.get(policy.get("name").asString()));
    }
    JsonNode totals = report.get("totals");
    String tiles = page.substring(page.indexOf("class=\"tiles\""), page.indexOf("</dl>"));
    assertEquals(
        Stream.of(
                "bytes_matched",
                "packets_matched",
                "bytes_per_second_95th",
                "bytes_per_second_highest",
                "resets",
                "gaps")
            .map(name -> totals.get(name).asString())
            .toList(),
        exact(tiles));
  }

  /// The same by hand: what came is the difference, or the whole where the counter fell; the 95th
  /// percentile is the rate in place ceil(0.95 n) of those in order.
  @ParameterizedTest
  @ValueSource(longs = {7, -2})
  void its_numbers_are_those_of_sql_written_by_hand(long policy) throws SQLException {
    String changes =
        """
        WITH reading AS (
          SELECT timestamp t, packets_matched p, bytes_matched b,
            lag(timestamp) OVER w lt, lag(packets_matched) OVER w lp, lag(bytes_matched) OVER w lb
          FROM sdwan_policy_stats WHERE policy_id = %d WINDOW w AS (ORDER BY timestamp)),
        change AS (
          SELECT t, iif(b < lb OR p < lp, b, b - lb) bytes, iif(b < lb OR p < lp, p, p - lp) packets,
            t - lt seconds
          FROM reading WHERE lt IS NOT NULL AND t >= %d),
        rate AS (SELECT bytes * 1.0 / seconds r, row_number() OVER (ORDER BY bytes * 1.0 / seconds) n,
          count(*) OVER () c FROM change)
        """
            .formatted(policy, second(1));
    String sums =
        changes
            + "SELECT (SELECT sum(packets) FROM change), (SELECT sum(bytes) FROM change),"
            + " (SELECT r FROM rate WHERE n = (95 * c + 99) / 100), (SELECT max(r) FROM rate)";
    JsonNode report =
        document("report", "--since", "2026-11-23T12:05Z", "--step", "5m", "-o", "json");
    JsonNode row = policy(report, policy);
    String[] byHand = platform.rows(sums).getFirst().split("\\|", -1);
    assertEquals(byHand[0], row.get("packets_matched").asString());
    assertEquals(byHand[1], row.get("bytes_matched").asString());
    assertEquals(Double.parseDouble(byHand[2]), row.get("bytes_per_second_95th").asDouble());
    assertEquals(Double.parseDouble(byHand[3]), row.get("bytes_per_second_highest").asDouble());
  }

  private static JsonNode policy(JsonNode report, long id) {
    for (JsonNode row : report.get("policies")) {
      if (row.get("policy_id").asString().equals(PolicyId.format(id))) {
        return row;
      }
    }
    throw new AssertionError("no policy " + id + " in " + report);
  }

  @Test
  void resets_and_gaps_are_marked_in_pictures_and_listed() {
    String page = page("--since", "2026-11-23T12:00Z", "--step", "5m");
    assertTrue(page.contains("<path class=\"reset\" d=\"M10.5 0V100\"/>"), page);
    assertTrue(page.contains("<rect class=\"gap\" x=\"14\" y=\"0\" width=\"3\""), page);
    String breaks = page.substring(page.indexOf("id=\"breaks\""));
    assertTrue(breaks.contains("<bdi>2026-11-23 12:50</bdi>"), breaks);
    assertTrue(breaks.contains("<bdi>2026-11-23 13:10</bdi>"), breaks);
    assertTrue(breaks.contains(">2026-11-23 13:20</td>"), breaks);
    assertTrue(breaks.contains(">10 min</data>"), breaks);
  }

  @Test
  void what_no_policy_took_is_told_and_in_no_sum() throws SQLException {
    platform.run(
        "CREATE TABLE patronus_unmatched_stats (timestamp INTEGER PRIMARY KEY, packets INTEGER"
            + " NOT NULL, bytes INTEGER NOT NULL, active_flows INTEGER NOT NULL)");
    for (int i = 0; i <= STEPS; i++) {
      platform.run(
          "INSERT INTO patronus_unmatched_stats VALUES (?, ?, ?, 1)",
          second(i),
          i * 10,
          i * 1_000L);
    }
    String[] asked = {"--since", "2026-11-23T12:30Z", "--step", "5m"};
    JsonNode report = document(join("report -o json", asked));
    assertEquals(19_000, report.get("unmatched").get("bytes_matched").asLong());
    assertEquals(190, report.get("unmatched").get("packets_matched").asLong());
    long sum = 0;
    for (JsonNode policy : report.get("policies")) {
      sum += policy.get("bytes_matched").asLong();
    }
    assertEquals(sum, report.get("totals").get("bytes_matched").asLong());
    assertEquals("19000", policies(page(asked)).get("(unmatched)").getFirst());
    assertTrue(page(asked).contains("<dt>All traffic</dt>"));
    assertFalse(page(asked).contains("&lt;data"), "markup is not shown as text");
    assertTrue(document("report", "-p", "voice", "-o", "json").get("unmatched").isNull());
    assertFalse(page("-p", "voice").contains("(unmatched)"), "its reader need not know");
  }

  @Test
  void a_name_is_never_markup() throws SQLException {
    String evil = "</title><script>alert('x')</script><img src=x onerror=\"y\">&amp;\u202e";
    platform.run("UPDATE sdwan_policies SET name = ? WHERE policy_id = 7", evil);
    for (String page : List.of(page("--since", "2h"), page("--since", "2h", "-p", "7"))) {
      assertFalse(page.contains("<script"), page);
      assertFalse(page.contains("<img"), page);
      assertFalse(page.contains("\u202e"), page);
      assertTrue(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"), page);
      assertTrue(page.contains("&amp;amp;\ufffd"), page);
    }
  }

  @Test
  void the_page_names_nothing_that_it_does_not_hold() {
    String page = page("--since", "2h");
    for (String outside : List.of("http://", "https://", "src=", "@import", "url(", "<script")) {
      assertFalse(page.contains(outside), outside);
    }
    assertEquals(1, page.split(" href=", -1).length - 1);
    assertTrue(page.contains("<link rel=\"icon\" href=\"data:,\">"), page);
  }

  @Test
  void a_file_that_is_there_is_left_as_it_is_unless_forced() throws IOException {
    Path file = Files.writeString(folder.resolve("report.html"), "mine");
    cli.run("report", "--since", "2h", "--file", file.toString())
        .failed(
            ExitCode.REFUSED,
            file
                + " exists already, and is left as it is; choose another name, or add --force to"
                + " replace it");
    assertEquals("mine", Files.readString(file));
    assertEquals("", cli.out("report", "--since", "2h", "--force", "--file", file.toString()));
    assertTrue(Files.readString(file).endsWith("</html>\n"));
    try (Stream<Path> left = Files.list(folder)) {
      assertFalse(left.anyMatch(each -> each.toString().endsWith(".part")));
    }
  }

  @Test
  void nothing_is_left_where_it_could_not_be_read() throws IOException {
    Path file = folder.resolve("report.html");
    Outcome outcome = cli.run("report", "-p", "nobody", "--file", file.toString());
    assertEquals(ExitCode.NOT_FOUND, outcome.exitCode(), outcome::toString);
    try (Stream<Path> left = Files.list(folder)) {
      assertFalse(left.anyMatch(each -> each.toString().contains("report")));
    }
  }

  @Test
  void the_end_of_the_name_says_what_a_file_holds() throws IOException {
    String[] asked = {"report", "--since", "2h", "--file"};
    Path document = folder.resolve("report.json");
    cli.out(join(String.join(" ", asked), document.toString()));
    assertEquals(cli.out("report", "--since", "2h", "--json"), Files.readString(document));
    Path rows = folder.resolve("report.csv");
    cli.out(join(String.join(" ", asked), rows.toString()));
    assertTrue(Files.readString(rows).startsWith("timestamp,time,"));
    cli.run(join(String.join(" ", asked), folder.resolve("report.pdf").toString()))
        .failed(
            ExitCode.USAGE,
            "a report is HTML, JSON, NDJSON or CSV, not pdf; use report.html, which a"
                + " browser can print");
  }

  @Test
  void a_stream_gets_the_page_and_a_terminal_a_hint() {
    assertEquals(page("--since", "2h"), page("--since", "2h", "--file", "-"));
    cli.onTerminal(132, 24)
        .run("report")
        .failed(
            ExitCode.USAGE,
            "an HTML page is not written to a terminal; use --file report.html, or"
                + " see 'patronus stats history'");
    assertEquals(
        "Wrote " + folder.resolve("r.html"),
        cli.onTerminal(80, 24)
            .run("report", "--file", folder.resolve("r.html").toString())
            .err()
            .replaceFirst(" \\(.*\n", ""));
  }

  @Test
  void without_a_range_it_is_the_last_week_in_steps_that_carriers_can_bill_by() {
    JsonNode asked = document("report", "-o", "json").get("asked");
    assertEquals("2026-11-16T14:00:00Z", asked.get("since").asString());
    assertEquals("1h", asked.get("step").asString());
    assertEquals(
        "5m",
        document("report", "--since", "1h", "-o", "json").get("asked").get("step").asString());
    assertTrue(page().contains("2026-11-16 14:00 to 2026-11-23 14:00 (UTC)"));
  }

  @Test
  void the_95th_percentile_says_how_it_is_found() {
    String page = page("--since", "2h", "--step", "5m");
    assertTrue(page.contains("<small>of 23 steps of 5m</small>"), page);
    assertTrue(page.replace('\n', ' ').contains("found by nearest rank"), page);
  }

  @Test
  void one_row_is_a_page_and_no_row_says_so() throws SQLException {
    platform.run("DELETE FROM sdwan_policy_stats WHERE policy_id <> 7 OR timestamp <> ?", NOON);
    String one = page("--since", "2026-11-23T12:00Z");
    assertEquals(List.of("0", "0", "0", "0"), policies(one).get("voice"));
    platform.run("DELETE FROM sdwan_policy_stats");
    String none = page("--since", "2026-11-23T12:00Z");
    assertTrue(none.contains("<p>No traffic was counted in this period.</p>"), none);
    assertTrue(none.endsWith("</html>\n"), none);
    platform.run("DELETE FROM sdwan_policies");
    assertTrue(page().contains("<p>No traffic was counted in this period.</p>"));
  }

  @Test
  void data_that_begins_later_than_the_period_is_said() {
    assertTrue(page("--since", "2026-11-20").contains(", data from 2026-11-23 12:00 on"));
    assertFalse(page("--since", "2026-11-23T12:00Z").contains(", data from "));
  }

  @Test
  void a_time_before_the_first_row_or_after_now_is_an_empty_page() {
    for (String range : List.of("--until=2020-01-01", "--since=2026-11-24", "--range=2020-01")) {
      assertTrue(page(range).contains("<p>No traffic was counted in this period.</p>"), range);
    }
    assertTrue(
        page("--since", "2026-11-24").contains(" 2026-11-24 00:00 to 2026-11-24 00:00 (UTC)"));
    assertTrue(page("--until", "2020-01-01").contains(" until 2020-01-01 00:00 (UTC)"));
  }

  @Test
  void columns_are_for_tables() {
    cli.run("report", "--columns", "name")
        .failed(
            ExitCode.USAGE,
            "--columns applies to tables only; remove it, or add -o csv, json or" + " table");
    assertEquals(
        "time\r\n2026-11-23T13:00:00Z\r\n",
        cli.out(
            "report",
            "--since=1h",
            "--until=2026-11-23T13:55Z",
            "--step=1h",
            "-o=csv",
            "--columns=time"));
  }

  @Test
  void a_thousand_policies_are_all_told_and_those_that_carried_most_are_drawn()
      throws SQLException {
    platform.inOneTransaction(() -> {
      for (int i = 0; i < 1_000; i++) {
        platform.policy(1_000 + i, "branch " + i, 10, "{}");
        platform.stat(1_000 + i, second(0), 0, 0, 1).stat(1_000 + i, second(12), 10, 100L + i, 1);
      }
    });
    String page = page("--since", "2h");
    assertEquals(
        1_002,
        page.split("<tr><th scope=\"row\" data-title=\"[A-Za-z ]+\"><bdi>(branch|voice|web)", -1)
                .length
            - 1);
    assertEquals(24, page.split("<figure class=\"card\">", -1).length - 1);
    assertTrue(page.contains("<summary>952 more policies, "), page);
    assertTrue(page.contains("978 more had traffic."), page);
  }

  @Test
  void no_daemon_is_no_fault() {
    assertTrue(
        page("--since", "2h").contains("<p>No daemon was running when this page was created"));
    JsonNode report = document("report", "--since", "2h", "-o", "json");
    assertTrue(report.get("flows").isEmpty());
    assertTrue(report.get("active_flows").isNull());
  }
}
