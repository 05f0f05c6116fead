package dev.patronus.output.html;

import dev.patronus.error.Counted;
import dev.patronus.history.Estimate;
import dev.patronus.history.Point;
import dev.patronus.output.html.TrafficReport.Line;
import dev.patronus.output.html.TrafficReport.Period;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.time.EpochSeconds;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A [TrafficReport] as one page of HTML.
///
/// Confined to one thread. The page forbids itself (Content-Security-Policy) whatever it does not
/// hold: scripts, and all that would be fetched. Exact numbers stand beside those for people, in
/// the `value` of their elements.
public final class HtmlPage {
  private final TrafficReport report;
  private final Markup page;
  private final Numbers numbers;
  private final Drawing drawing;

  private HtmlPage(TrafficReport report, Writer out) {
    this.report = report;
    this.page = new Markup(out);
    this.numbers = new Numbers(new HumanFormat(report.zone(), false));
    this.drawing = new Drawing(numbers, report.zone(), report.buckets());
  }

  /// Writes the page. The stream stays open.
  public static void write(TrafficReport report, OutputStream out) throws IOException {
    Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    new HtmlPage(report, writer).write();
    writer.flush();
  }

  private static String style() throws IOException {
    try (InputStream in = HtmlPage.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void write() throws IOException {
    page.raw(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" \
        content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        """);
    page.element("title", "Traffic " + period());
    page.raw("<style>\n").raw(style()).raw("</style>\n</head>\n<body>\n");
    header();
    page.raw("<main>\n");
    if (report.total().samples() == 0) {
      page.element("p", "No traffic was counted in this period.");
    } else {
      tiles();
      new HistorySection(report, page, numbers).write(drawing);
      new PolicySection(report, page, numbers).write(drawing);
      new BreakSection(report, page, numbers).write();
    }
    new FlowSection(report, page, numbers).write();
    meaning();
    footer();
    page.raw("</body>\n</html>\n");
  }

  private String period() {
    Period period = report.period();
    String until = numbers.time(period.until());
    return period.since().isPresent()
        ? numbers.time(period.since().get()) + " to " + until
        : "until " + until;
  }

  private void header() throws IOException {
    List<String> names = report.policies();
    page.raw("<header>\n<h1>Traffic of ");
    page.text(names.isEmpty() ? "all policies" : names.size() == 1 ? "policy " : "policies ");
    for (int i = 0; i < names.size(); i++) {
      page.raw(i == 0 ? "<bdi>" : ", <bdi>").text(names.get(i)).raw("</bdi>");
    }
    page.raw("</h1>\n<p>");
    if (!report.host().isEmpty()) {
      page.raw("<b>").text(report.host()).raw("</b> · ");
    }
    page.text(period() + " (" + report.zone() + ")");
    Optional<Instant> first = firstData();
    if (first.isPresent()) {
      page.text(", data from " + numbers.time(first.get()) + " on");
    }
    if (report.period().until().isAfter(report.made())) {
      page.text(", data until " + numbers.time(report.made()));
    }
    page.text(" · steps of " + report.step()).raw("</p>\n</header>\n");
  }

  /// When counting began, where no step at the beginning of the period has data.
  private Optional<Instant> firstData() {
    return report.steps().stream()
        .filter(point -> point.readings() > 0)
        .findFirst()
        .map(first -> EpochSeconds.toInstant(first.bucket().startSecond()))
        .filter(first -> report.period().since().filter(first::isAfter).isPresent());
  }

  private void tiles() throws IOException {
    Line total = report.total();
    String steps = Counted.of(total.samples(), "step") + " of " + report.sampleStep();
    page.raw("<section aria-label=\"In all\" class=\"tiles\">\n<dl>\n");
    String what = report.unmatched().isPresent() ? "Matched" : "Bytes";
    tile(what, numbers.bytes(total.bytes()), numbers.bits(mean()) + " on average");
    tile("Packets", numbers.count(total.packets()), "");
    tile("95th percentile", numbers.rate(total.percentile95()), "of " + steps);
    tile("Highest step", numbers.rate(total.highest()), whenHighest());
    if (report.unmatched().isPresent()) {
      tile("Unmatched", numbers.bytes(report.unmatched().get().bytes()), "matched by no policy");
      Line all = report.allTraffic().orElseThrow();
      tile("All traffic", numbers.bytes(all.bytes()), "95th " + numbers.bits(all.percentile95()));
    }
    tile("Resets", numbers.count(total.resets()), "");
    long missing = report.steps().stream().filter(point -> point.readings() == 0).count();
    String without =
        HumanFormat.grouped(missing) + (missing == 1 ? " step" : " steps") + " missing";
    tile("Gaps", numbers.count(total.gaps()), missing == 0 ? "" : without);
    page.raw("</dl>\n</section>\n");
  }

  private void tile(String name, String markup, String detail) throws IOException {
    page.raw("<div><dt>").text(name).raw("</dt><dd>").raw(markup);
    page.raw("<small>").text(detail).raw("</small></dd></div>\n");
  }

  private OptionalDouble mean() {
    long seconds = report.steps().stream().mapToLong(Point::coveredSeconds).sum();
    return seconds <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) report.total().bytes() / seconds);
  }

  private String whenHighest() {
    Optional<Point> highest =
        report.steps().stream()
            .filter(point -> point.bytesPerSecond().isPresent())
            .max(Comparator.comparingDouble(point -> point.bytesPerSecond().getAsDouble()));
    return "of "
        + report.step()
        + highest.map(point -> ", " + numbers.time(point.bucket().startSecond())).orElse("");
  }

  private void meaning() throws IOException {
    page.raw("<section aria-labelledby=\"meaning\" class=\"meaning\">\n");
    page.raw("<h2 id=\"meaning\">What the numbers mean</h2>\n<ul>\n");
    page.raw(
        """
        <li><b>Bytes</b> are IP bytes: the header and all after it. <b>Packets</b> are packets as the
        source counts them. Units are powers of a thousand; rates are bits per second.</li>
        <li>The range is half-open: it includes its start but not its end. An amount belongs to the
        step in which the snapshot was taken that shows it.</li>
        """);
    page.raw(
        "<li>The <b>95th percentile</b> is found by nearest rank: the rates of all steps that");
    page.raw(" have a snapshot, here of ")
        .text(report.sampleStep())
        .raw(" each, are sorted, and of");
    page.raw(
        " <i>n</i> the one in place ⌈0.95 <i>n</i>⌉ is taken, as bits per second. So it" + " is a");
    page.raw(
        " rate that was measured, and at least 95 of 100 steps were not faster. Steps without");
    page.raw(" a snapshot are omitted. Carriers bill by steps of 5m.</li>\n");
    if (report.estimate().isPresent()) {
      estimate(report.estimate().get());
    }
    page.raw(
        """
        <li>At a <b>reset</b> counters start again from zero; the new value is the amount. No rate is
        ever negative.</li>
        <li>A <b>gap</b> is a step whose snapshot is missing, or one whose amount belongs to more time
        than the step.</li>
        <li><b>Unmatched</b> is traffic that no policy matched. Charts, packets, the 95th percentile
        and the highest step above are of matched traffic; <b>all traffic</b> is both together.</li>
        </ul>
        </section>
        """);
  }

  private void estimate(Estimate estimate) throws IOException {
    page.raw("<li>The last step ends at ")
        .text(numbers.time(estimate.soFar().bucket().endSecond()))
        .raw(". Its <b>estimate</b> is ")
        .raw(numbers.bytes(estimate.bytes()))
        .raw(": ")
        .raw(numbers.bytes(estimate.soFar().bytes()))
        .raw(" so far, and their mean rate for the rest of the step.</li>\n");
  }

  private void footer() throws IOException {
    page.raw("</main>\n<footer>");
    page.text("Created by " + report.program() + " on " + numbers.time(report.made()) + " from ");
    page.text(report.database()).raw("</footer>\n");
  }
}
