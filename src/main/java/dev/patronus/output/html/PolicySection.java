package dev.patronus.output.html;

import dev.patronus.error.Counted;
import dev.patronus.flow.Volume;
import dev.patronus.output.html.TrafficReport.Line;
import dev.patronus.output.text.HumanFormat;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;

/// What each policy carried: a table of all, and a chart of those that carried most.
///
/// Confined to one thread.
final class PolicySection {
  /// How many rows the table has before the rest is folded.
  static final int ROWS = 50;

  private final String[] titles;

  private final TrafficReport report;
  private final Markup page;
  private final Numbers numbers;

  PolicySection(TrafficReport report, Markup page, Numbers numbers) {
    this.report = report;
    this.page = page;
    this.numbers = numbers;
    this.titles =
        new String[] {
          "Policy",
          "Share",
          "Bytes",
          "Packets",
          "95th of " + report.sampleStep(),
          "Highest of " + report.step(),
          "Resets",
          "Gaps"
        };
  }

  void write(Drawing drawing) throws IOException {
    table();
    charts(drawing);
  }

  private void table() throws IOException {
    List<Line> lines = report.lines();
    int shown = Math.min(ROWS, lines.size());
    page.raw("<section aria-labelledby=\"policies\">\n<h2 id=\"policies\">Policies</h2>\n");
    Grid grid = Grid.begin(page, "policies", titles);
    for (Line line : lines.subList(0, shown)) {
      policy(grid, line, line.id());
    }
    if (report.unmatched().isPresent() || lines.size() > 1) {
      sums(grid);
    }
    grid.end();
    if (shown < lines.size()) {
      rest(lines.subList(shown, lines.size()));
    }
    page.raw("</section>\n");
  }

  /// The rows below those of the policies, which add up, under the names that `stats` has.
  private void sums(Grid grid) throws IOException {
    boolean any = report.unmatched().isPresent();
    policy(grid, report.total(), any ? "(total matched)" : "(total)", "by all policies");
    if (any) {
      policy(grid, report.unmatched().get(), "(unmatched)", "by no policy");
      policy(grid, report.allTraffic().orElseThrow(), "(all traffic)", "both together");
    }
  }

  private void rest(List<Line> lines) throws IOException {
    long bytes = lines.stream().mapToLong(Line::bytes).reduce(0, Volume::saturatedSum);
    page.raw(
        "<details><summary>" + Counted.of(lines.size(), "more policy", "more policies") + ", ");
    page.raw(numbers.bytes(bytes)).raw(" together</summary>\n");
    Grid grid = Grid.begin(page, "policies", titles);
    for (Line line : lines) {
      policy(grid, line, line.id());
    }
    grid.end();
    page.raw("</details>\n");
  }

  private void policy(Grid grid, Line line, String detail) throws IOException {
    policy(grid, line, line.name(), detail);
  }

  private void policy(Grid grid, Line line, String name, String detail) throws IOException {
    grid.row(name, detail)
        .cell(share(line))
        .cell(numbers.bytes(line.bytes()))
        .cell(numbers.count(line.packets()))
        .cell(numbers.rate(line.percentile95()))
        .cell(numbers.rate(line.highest()))
        .cell(numbers.count(line.resets()))
        .cell(numbers.count(line.gaps()));
  }

  private String share(Line line) {
    if (line.id().isEmpty() || report.total().bytes() == 0) {
      return "–";
    }
    double share = (double) line.bytes() / report.total().bytes();
    long tenths = Math.round(share * 1000);
    String text = tenths / 10 + "." + tenths % 10;
    return "<span class=\"share\"><i style=\"width:"
        + text
        + "%\"></i></span><b>"
        + text
        + " %</b>";
  }

  /// One policy's chart is the one above, of all together.
  private void charts(Drawing drawing) throws IOException {
    List<Line> drawn = report.lines().stream().filter(line -> line.bytes() > 0).toList();
    if (drawn.isEmpty() || report.lines().size() == 1) {
      return;
    }
    page.raw("<section aria-labelledby=\"each\">\n<h2 id=\"each\">Each policy</h2>\n");
    page.raw("<div class=\"cards\">\n");
    for (int i = 0; i < Math.min(TrafficReport.POLICY_CHARTS, drawn.size()); i++) {
      card(drawing, drawn.get(i), "p" + i);
    }
    if (report.unmatched().filter(line -> line.bytes() > 0).isPresent()) {
      card(drawing, report.unmatched().get(), "unmatched");
    }
    page.raw("</div>\n<p class=\"note\">Each chart has its own scale.");
    if (drawn.size() > TrafficReport.POLICY_CHARTS) {
      page.raw(
          " These are the " + TrafficReport.POLICY_CHARTS + " policies with the most traffic; ");
      page.raw(HumanFormat.grouped((long) drawn.size() - TrafficReport.POLICY_CHARTS))
          .raw(" more had traffic.");
    }
    page.raw("</p>\n</section>\n");
  }

  private void card(Drawing drawing, Line line, String key) throws IOException {
    OptionalDouble percentile = line.percentile95();
    page.raw("<figure class=\"card\">\n<figcaption><h3 dir=\"auto\" title=\"").text(line.name());
    page.raw("\">").text(line.name()).raw("</h3><p>" + numbers.bytes(line.bytes()));
    page.raw(" · 95th " + numbers.rate(percentile)).raw("</p></figcaption>\n");
    drawing.draw(page, key, line.name(), line.curve(), percentile, false);
    page.raw("</figure>\n");
  }
}
