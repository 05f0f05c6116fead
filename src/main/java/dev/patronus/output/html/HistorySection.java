package dev.patronus.output.html;

import dev.patronus.history.Point;
import dev.patronus.output.html.TrafficReport.Line;
import dev.patronus.output.text.HumanFormat;
import java.io.IOException;

/// The chart of all together, and its steps as a table.
///
/// Confined to one thread.
final class HistorySection {
  /// More steps than this are no table to look at.
  static final int STEPS_LISTED = 400;

  private final TrafficReport report;
  private final Markup page;
  private final Numbers numbers;

  HistorySection(TrafficReport report, Markup page, Numbers numbers) {
    this.report = report;
    this.page = page;
    this.numbers = numbers;
  }

  void write(Drawing drawing) throws IOException {
    Line total = report.total();
    page.raw("<section aria-labelledby=\"history\">\n<h2 id=\"history\">History</h2>\n<figure>\n");
    drawing.draw(page, "all", "All policies", total.curve(), total.percentile95(), true);
    page.raw("<figcaption>");
    legend("area", "bits per second" + means());
    if (total.percentile95().isPresent()) {
      legend("line", "95th percentile, " + numbers.bits(total.percentile95()));
    }
    if (total.curve().resets() > 0) {
      legend("reset", "counter reset");
    }
    if (total.curve().gaps() > 0) {
      legend("gap", "a snapshot is missing");
    }
    page.raw("</figcaption>\n</figure>\n");
    steps();
    page.raw("</section>\n");
  }

  private String means() {
    int each = Curve.stepsPerColumn(report.buckets().size());
    return each == 1 ? "" : ", the mean of " + each + " steps each";
  }

  private void legend(String what, String words) throws IOException {
    page.raw("<span class=\"key\"><i class=\"" + what + "\"></i> ").text(words).raw("</span>\n");
  }

  private void steps() throws IOException {
    int count = report.steps().size();
    page.raw("<details class=\"steps\"><summary>" + HumanFormat.grouped(count));
    page.raw(count == 1 ? " step" : " steps").raw(" as a table</summary>\n");
    if (count > STEPS_LISTED) {
      page.raw("<p>Too many for a page; <code>patronus stats history --step ");
      page.text(report.step()).raw(" -o csv</code> with the same range gives them.</p>\n");
    } else {
      Grid grid = Grid.begin(page, "steps", "Time", "Bytes", "Packets", "Rate", "Note");
      for (Point point : report.steps()) {
        step(grid, point);
      }
      grid.end();
    }
    page.raw("</details>\n");
  }

  private void step(Grid grid, Point point) throws IOException {
    boolean read = point.readings() > 0;
    grid.row(numbers.time(point.bucket().startSecond()), "")
        .cell(read ? numbers.bytes(point.bytes()) : "–")
        .cell(read ? numbers.count(point.packets()) : "–")
        .cell(numbers.rate(point.bytesPerSecond()))
        .cell(point.note(point.resetEvents()));
  }
}
