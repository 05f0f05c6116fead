package dev.patronus.output.text;

import dev.patronus.output.table.Table;

/// A table that is printed again and again while its numbers change: its columns never become
/// narrower, so that nothing jumps.
///
/// Confined to one thread.
public final class StableTable {
  private final TablePrinter printer;
  private boolean titled;

  public StableTable(Screen screen) {
    this.printer = new TablePrinter(screen, new int[0]);
  }

  /// The table with its titles.
  public String text(Table<?> table) {
    StringBuilder text = new StringBuilder();
    printer.print(table, text);
    return text.toString();
  }

  /// The rows that come below those before: with titles the first time only.
  public String more(Table<?> table) {
    StringBuilder text = new StringBuilder();
    printer.print(table, text);
    int rows = titled && printer.titles() ? text.indexOf("\n") + 1 : 0;
    titled = true;
    return text.substring(rows);
  }
}
