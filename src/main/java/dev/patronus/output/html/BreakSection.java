package dev.patronus.output.html;

import dev.patronus.history.Point;
import dev.patronus.output.html.TrafficReport.Reset;
import dev.patronus.output.text.HumanFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// When counters restarted, and when nobody took a snapshot.
///
/// Confined to one thread.
final class BreakSection {
  /// How many gaps are listed.
  private static final int GAPS = 20;

  private final TrafficReport report;
  private final Markup page;
  private final Numbers numbers;

  BreakSection(TrafficReport report, Markup page, Numbers numbers) {
    this.report = report;
    this.page = page;
    this.numbers = numbers;
  }

  /// A time without a snapshot, from the beginning of a step until the end of one.
  private record Gap(long from, long until) {}

  void write() throws IOException {
    page.raw("<section aria-labelledby=\"breaks\">\n<h2 id=\"breaks\">Resets and gaps</h2>\n");
    resets();
    gaps();
    if (report.implausible() > 0) {
      note(report.implausible(), "rows were skipped because their counters are implausible.");
    }
    page.raw("</section>\n");
  }

  private void note(long count, String words) throws IOException {
    page.raw("<p class=\"note\">").text(HumanFormat.grouped(count) + " " + words).raw("</p>\n");
  }

  private void resets() throws IOException {
    if (report.resets().isEmpty()) {
      page.element("p", "No counter was reset.");
      return;
    }
    Grid grid = Grid.begin(page, "breaks", "Counter reset", "Policy", "Times");
    for (Reset reset : report.resets()) {
      grid.row(numbers.time(reset.second()), "")
          .name(reset.policy())
          .cell(numbers.count(reset.times()));
    }
    grid.end();
    if (report.resetsLeftOut() > 0) {
      note(report.resetsLeftOut(), "older ones are omitted.");
    }
  }

  private void gaps() throws IOException {
    List<Gap> gaps = joined();
    if (gaps.isEmpty()) {
      page.element(
          "p",
          "No amount covers more time than its step and a half: between the first and the last step no"
              + " snapshots were missing for longer than that.");
      return;
    }
    Grid grid = Grid.begin(page, "breaks", "No snapshot from", "Until", "Lasted");
    for (Gap gap : gaps.subList(0, Math.min(GAPS, gaps.size()))) {
      grid.row(numbers.time(gap.from), "")
          .cell(Markup.escaped(numbers.time(gap.until)))
          .cell(numbers.seconds(gap.until - gap.from));
    }
    grid.end();
    if (gaps.size() > GAPS) {
      note((long) gaps.size() - GAPS, "later ones are omitted.");
    }
  }

  /// The steps without a snapshot, neighbours joined.
  private List<Gap> joined() {
    List<Gap> gaps = new ArrayList<>();
    List<Point> steps = report.steps();
    for (int i = 0; i < steps.size(); i++) {
      int from = i;
      while (i < steps.size() && steps.get(i).readings() == 0) {
        i++;
      }
      if (i > from) {
        gaps.add(
            new Gap(steps.get(from).bucket().startSecond(), steps.get(i - 1).bucket().endSecond()));
      }
    }
    return gaps;
  }
}
