package dev.patronus.output.html;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.history.Bucket;
import dev.patronus.history.Point;
import dev.patronus.output.html.TrafficReport.Flow;
import dev.patronus.output.html.TrafficReport.Flows;
import dev.patronus.output.html.TrafficReport.Line;
import dev.patronus.output.html.TrafficReport.Period;
import dev.patronus.output.html.TrafficReport.Reset;
import dev.patronus.output.text.HumanFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class HtmlPageTest {
  private static final long START = Instant.parse("2026-11-02T00:00:00Z").getEpochSecond();
  private static final long HOUR = 3600;

  /// The hours of a day.
  private static final List<Bucket> HOURS =
      IntStream.range(0, 24)
          .mapToObj(i -> new Bucket(START + i * HOUR, START + (i + 1) * HOUR))
          .toList();

  private static Point point(int hour, long bytes, int resets, boolean gap) {
    return new Point(0, HOURS.get(hour), bytes / 100, bytes, 1, HOUR, 1, resets, gap);
  }

  private static Point missing(int hour) {
    return new Point(0, HOURS.get(hour), 0, 0, 0, 0, 0, 0, true);
  }

  private static Line line(String id, String name, long bytes, Point... points) {
    List<Point> all = List.of(points);
    return new Line(
        id,
        name,
        bytes / 100,
        bytes,
        all.stream().mapToDouble(each -> each.bytesPerSecond().orElse(0)).max(),
        all.stream().mapToDouble(each -> each.bytesPerSecond().orElse(0)).max(),
        all.size(),
        all.stream().mapToInt(Point::resets).sum(),
        all.stream().filter(Point::gap).count(),
        Curve.of(HOURS, all));
  }

  /// A page about these policies, whose total is given, too.
  private static String page(Line total, List<Line> lines) {
    return page(total, lines, Optional.empty(), List.of(), Optional.empty(), List.of());
  }

  private static String page(
      Line total,
      List<Line> lines,
      Optional<Line> unmatched,
      List<Reset> resets,
      Optional<Flows> flows,
      List<Point> steps) {
    TrafficReport report =
        new TrafficReport(
            "/var/lib/<patronus>.db",
            "gate & way",
            "patronus \"1\"",
            Instant.parse("2026-11-03T08:00:00Z"),
            new Period(
                Optional.of(Instant.ofEpochSecond(START)),
                Instant.ofEpochSecond(START + 24 * HOUR)),
            ZoneOffset.UTC,
            "1h",
            "5m",
            lines.size() == 1 ? List.of(lines.getFirst().name()) : List.of(),
            HOURS,
            steps,
            total,
            lines,
            unmatched,
            unmatched.map(_ -> line("", "", total.bytes() + unmatched.get().bytes())),
            resets,
            0,
            0,
            flows,
            Optional.empty());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      HtmlPage.write(report, out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /// The page read as XML: what is not closed or not escaped is no document.
  private static Document parsed(String page) throws Exception {
    String closed =
        page.replaceFirst("<!DOCTYPE html>", "").replaceAll("<(meta|link)([^>]*)>", "<$1$2/>");
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(closed)));
  }

  private static List<String> found(String page, String regex) {
    return Pattern.compile(regex).matcher(page).results().map(MatchResult::group).toList();
  }

  /// Two policies and all that the page has to say of them, one with this name.
  private static String named(String name) {
    Line first = line("7", name, 3000, point(0, 3000, 1, false));
    return page(
        line("", "", 3100, point(0, 3100, 1, false)),
        List.of(first, line("8", "office", 100, point(0, 100, 0, false))),
        Optional.of(line("", "", 900, point(0, 900, 0, false))),
        List.of(new Reset(START, name, 1)),
        Optional.of(
            new Flows(
                Instant.ofEpochSecond(START),
                5,
                List.of(new Flow("tcp", "10.0.0.1:1", "[2001:db8::1]:2", name, 1, 2, 3)))),
        List.of(point(0, 3100, 1, false), missing(1), point(2, 0, 0, false)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</title><script>alert(1)</script>",
        "\" onmouseover=\"x",
        "' & &amp; &lt;",
        "]]> <!-- -->",
        "line\nbreak \u0000 \u001b[31m"
      })
  void a_name_is_text_wherever_it_stands(String name) throws Exception {
    String page = named(name);
    Document document = parsed(page);
    String shown = name.replaceAll("[\\x00-\\x1f]", "\ufffd");
    // its row, its chart's heading, the heading's title and the picture's, its reset, its flow
    assertEquals(6, found(page, Pattern.quote(Markup.escaped(name))).size(), page);
    assertTrue(document.getDocumentElement().getTextContent().contains(shown), page);
    assertEquals(0, document.getElementsByTagName("script").getLength());
  }

  @Test
  void the_names_of_host_program_and_file_are_text() throws Exception {
    String text = parsed(named("voice")).getDocumentElement().getTextContent();
    assertAll(
        () -> assertTrue(text.contains("gate & way ·"), text),
        () -> assertTrue(text.contains("Created by patronus \"1\" on"), text),
        () -> assertTrue(text.contains("from /var/lib/<patronus>.db"), text));
  }

  @Test
  void a_name_from_right_to_left_is_kept_apart_and_cannot_turn_what_follows() {
    String hebrew = "\u05e9\u05dc\u05d5\u05dd";
    String page = named(hebrew + "\u202e");
    assertEquals(
        3, found(page, "<bdi>" + hebrew + "\ufffd</bdi>").size(), "row, reset and flow: " + page);
    assertTrue(page.contains("<h3 dir=\"auto\" title=\"" + hebrew + "\ufffd\">"), page);
    assertFalse(page.contains("\u202e"), page);
  }

  @Test
  void a_long_name_is_whole_and_breaks_where_it_has_to() {
    String name = "x".repeat(10_000);
    String page = named(name);
    assertTrue(page.contains("<bdi>" + name + "</bdi>"));
    assertTrue(page.contains("overflow-wrap"), "the style sheet breaks words");
  }

  @Test
  void sums_stand_below_the_policies_and_shares_are_of_what_matched() {
    String page = named("voice");
    assertEquals(
        List.of("96.8 %", "3.2 %"),
        found(page, "[0-9.]+ %(?=</b>)"),
        "of 3000 and 100 bytes of 3100");
    String table = page.substring(page.indexOf("<table class=\"policies\">"));
    List<String> exact = found(table, "(?<=data-title=\"Bytes\"><data value=\")\\d+");
    assertEquals(List.of("3000", "100", "3100", "900", "4000"), exact.subList(0, 5));
    assertEquals(
        List.of("(total matched)", "(unmatched)", "(all traffic)"),
        found(table, "(?<=<bdi>)\\([a-z ]+\\)"));
  }

  @Test
  void what_is_beyond_the_rows_is_folded_with_its_sum() {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < PolicySection.ROWS + 2; i++) {
      lines.add(line("" + i, "p" + i, i < PolicySection.ROWS ? 1000 : 7, point(0, 1000, 0, false)));
    }
    String page = page(line("", "", 50_014, point(0, 50_014, 0, false)), lines);
    assertTrue(
        page.contains("<summary>2 more policies, <data value=\"14\">14 B</data> together"), page);
    assertEquals(TrafficReport.POLICY_CHARTS, found(page, "<figure class=\"card\">").size());
    assertTrue(page.contains("28 more had traffic."), page);
  }

  @Test
  void a_sum_beyond_64_bits_stays_at_the_largest_number() {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < PolicySection.ROWS + 2; i++) {
      lines.add(line("" + i, "p" + i, Long.MAX_VALUE, point(0, 1000, 0, false)));
    }
    String page = page(line("", "", Long.MAX_VALUE, point(0, 1000, 0, false)), lines);
    assertTrue(page.contains("2 more policies, <data value=\"" + Long.MAX_VALUE + "\">"), page);
  }

  @Test
  void without_a_sample_there_is_no_picture_and_no_table() throws Exception {
    String page = page(line("", "", 0), List.of());
    Document document = parsed(page);
    assertTrue(page.contains("<p>No traffic was counted in this period.</p>"), page);
    assertEquals(0, document.getElementsByTagName("svg").getLength());
    assertEquals(0, document.getElementsByTagName("table").getLength());
  }

  @Test
  void a_policy_that_carried_nothing_has_a_row_and_no_chart_and_no_share_of_nothing() {
    Line none = line("7", "idle", 0, point(0, 0, 0, false));
    String page = page(line("", "", 0, point(0, 0, 0, false)), List.of(none, none));
    assertEquals(2, found(page, "<bdi>idle</bdi>").size());
    assertEquals(3, found(page, "data-title=\"Share\">–").size(), "two rows and their sum");
    assertEquals(0, found(page, "<figure class=\"card\">").size());
  }

  @Test
  void the_axis_ends_at_a_round_number_of_bits_not_below_the_highest_step() {
    // 110 Mbit/s in the first hour
    String page = page(line("", "", 1, point(0, 13_750_000 * HOUR, 0, false)), List.of());
    assertEquals(
        List.of("<span>150 Mbit/s</span><span>75 Mbit/s</span><span>0</span>"),
        found(page, "(?<=<div class=\"y\" aria-hidden=\"true\">).*?(?=</div>)"));
  }

  @Test
  void where_nothing_was_carried_the_axis_has_no_numbers_but_zero() {
    String page = page(line("", "", 0, point(0, 0, 0, false)), List.of());
    assertEquals(
        List.of("<span></span><span></span><span>0</span>"),
        found(page, "(?<=<div class=\"y\" aria-hidden=\"true\">).*?(?=</div>)"));
    assertFalse(page.contains("class=\"area\" d="), page);
  }

  @Test
  void times_stand_where_their_step_is_drawn_and_none_leaves_the_page() throws IOException {
    String page = page(line("", "", 1, point(0, 1000, 0, false)), List.of());
    List<String> marks = found(page, "(?<=<span style=\"left:)[^<]*");
    assertEquals(8, marks.size(), marks::toString);
    assertEquals(List.of("0.0%\">Nov 2", "12.5%\">03:00", "25.0%\">06:00"), marks.subList(0, 3));
    List<Bucket> hours =
        IntStream.range(0, 49)
            .mapToObj(i -> new Bucket(START + i * HOUR, START + (i + 1) * HOUR))
            .toList();
    StringWriter out = new StringWriter();
    new Drawing(new Numbers(new HumanFormat(ZoneOffset.UTC, false)), ZoneOffset.UTC, hours)
        .draw(new Markup(out), "k", "", Curve.of(hours, List.of()), OptionalDouble.empty(), false);
    List<String> labels = found(out.toString(), "(?<=<span style=\"left:)[^<]*");
    assertEquals("73.5%\">12:00", labels.getLast(), "that of the last hour, at 98 %, is left out");
  }

  @Test
  void a_chart_has_a_column_a_step_a_line_at_the_percentile_and_marks_resets_and_gaps() {
    Point first = point(0, 1000 * HOUR, 0, false);
    Point third = point(2, 500 * HOUR, 1, false);
    String page = page(line("", "", 1, first, third), List.of());
    assertAll(
        // 1000 B/s is 8 kbit/s, the end of the axis; half of it is at 50
        () ->
            assertTrue(
                page.contains(
                    "<path class=\"area\" d=\"M0 100V0.0H1V100H0ZM2 100V50.0H3V100H2Z\"/>"),
                page),
        () -> assertTrue(page.contains("<path class=\"line\" d=\"M0 0.0H24\"/>"), page),
        () -> assertTrue(page.contains("<path class=\"reset\" d=\"M2.5 0V100\"/>"), page),
        () ->
            assertTrue(
                page.contains("<rect class=\"gap\" x=\"1\" y=\"0\" width=\"1\" height=\"100\"/>"),
                page),
        () ->
            assertTrue(
                page.contains(
                    "Highest 8.00 kbit/s, 95th percentile 8.00 kbit/s, resets in 1 and gaps in 1"
                        + " of 24 columns."),
                page));
  }

  @Test
  void a_step_without_a_snapshot_has_a_dash_and_is_in_the_list_of_gaps() {
    String page = named("voice");
    assertTrue(
        page.contains("<bdi>2026-11-02 01:00</bdi></th><td data-title=\"Bytes\">–</td>"), page);
    assertTrue(
        page.contains(
            "<bdi>2026-11-02 01:00</bdi></th><td data-title=\"Until\">2026-11-02 02:00</td>"
                + "<td data-title=\"Lasted\"><data value=\"3600\">"),
        page);
  }

  @Test
  void a_rate_that_is_not_known_is_a_dash() {
    Line unknown =
        new Line(
            "7",
            "voice",
            1,
            1,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            1,
            0,
            0,
            Curve.of(HOURS, List.of()));
    String page = page(unknown, List.of(unknown));
    assertTrue(
        page.contains(
            "<td data-title=\"95th of 5m\">–</td><td data-title=\"Highest of 1h\">–</td>"),
        page);
  }
}
