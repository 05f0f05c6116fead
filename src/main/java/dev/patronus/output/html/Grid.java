package dev.patronus.output.html;

import java.io.IOException;

/// A table on the page. On a narrow screen each row becomes a block, in which each cell says its
/// column's title.
///
/// Confined to one thread.
final class Grid {
  private final Markup page;
  private final String[] titles;
  private int cell;

  private Grid(Markup page, String... titles) {
    this.page = page;
    this.titles = titles;
  }

  /// Begins a table.
  ///
  /// @param kind its class in the style sheet
  static Grid begin(Markup page, String kind, String... titles) throws IOException {
    page.raw("<table class=\"" + kind + "\"><thead><tr>");
    for (String title : titles) {
      page.raw("<th scope=\"col\">").text(title).raw("</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    return new Grid(page, titles);
  }

  /// Begins a row; ends the one before.
  Grid row(String name, String detail) throws IOException {
    endRow();
    page.raw("<tr><th scope=\"row\" data-title=\"").text(titles[0]).raw("\"><bdi>");
    page.text(name).raw("</bdi>");
    if (!detail.isEmpty()) {
      page.raw(" <small>").text(detail).raw("</small>");
    }
    page.raw("</th>");
    cell = 1;
    return this;
  }

  /// The row's next cell.
  ///
  /// @param markup what stands in it
  Grid cell(String markup) throws IOException {
    page.raw("<td data-title=\"" + Markup.escaped(titles[cell++]) + "\">" + markup + "</td>");
    return this;
  }

  /// The row's next cell, with a name in it that may run from right to left.
  Grid name(String text) throws IOException {
    return cell("<bdi>" + Markup.escaped(text) + "</bdi>");
  }

  private void endRow() throws IOException {
    if (cell > 0) {
      page.raw("</tr>\n");
    }
  }

  void end() throws IOException {
    endRow();
    page.raw("</tbody></table>\n");
  }
}
