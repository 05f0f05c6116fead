package dev.patronus.output.html;

import dev.patronus.output.html.TrafficReport.Flow;
import dev.patronus.output.html.TrafficReport.Flows;
import dev.patronus.output.text.HumanFormat;
import java.io.IOException;

/// The largest flows that a daemon saw when the page was made.
///
/// Confined to one thread.
final class FlowSection {
  private final TrafficReport report;
  private final Markup page;
  private final Numbers numbers;

  FlowSection(TrafficReport report, Markup page, Numbers numbers) {
    this.report = report;
    this.page = page;
    this.numbers = numbers;
  }

  void write() throws IOException {
    page.raw("<section aria-labelledby=\"flows\">\n<h2 id=\"flows\">Largest flows now</h2>\n");
    if (report.flows().isEmpty()) {
      page.element(
          "p", "No daemon was running when this page was created, so no flows are available.");
    } else {
      flows(report.flows().get());
    }
    page.raw("</section>\n");
  }

  private void flows(Flows flows) throws IOException {
    if (flows.largest().isEmpty()) {
      page.element("p", "There were no active flows on " + numbers.time(flows.asOf()) + ".");
      return;
    }
    String[] titles = {"From", "To", "Protocol", "Policy", "Bytes", "Packets", "Age"};
    Grid grid = Grid.begin(page, "flows", titles);
    for (Flow flow : flows.largest()) {
      grid.row(flow.source(), "")
          .cell(Markup.escaped(flow.destination()))
          .cell(Markup.escaped(flow.protocol()))
          .name(flow.policy())
          .cell(numbers.bytes(flow.bytes()))
          .cell(numbers.count(flow.packets()))
          .cell(numbers.seconds(flow.ageSeconds()));
    }
    grid.end();
    page.raw("<p class=\"note\">").text(HumanFormat.grouped(flows.largest().size()) + " of ");
    page.text(
        HumanFormat.grouped(flows.total()) + " active flows on " + numbers.time(flows.asOf()));
    page.raw(".</p>\n");
  }
}
