package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.output.row.RowWriter;
import dev.patronus.output.table.Table;
import java.io.IOException;

/// A watch as rows for programs, CSV or NDJSON: one for each policy and reading.
final class WatchRows implements WatchOutput {
  private final Invocation call;
  private final RowWriter writer;
  private boolean begun;

  WatchRows(Invocation call, RowWriter writer) {
    this.call = call;
    this.writer = writer;
  }

  @Override
  public void show(WatchReading reading) throws IOException {
    Table<?> table = WatchTable.programs(call, reading, true);
    if (!begun) {
      call.stream();
      writer.begin(table.headings());
      begun = true;
    }
    writer.rows(table);
    writer.finish(); // rows have no end: this only hands them on
    call.out().flush();
  }

  @Override
  public boolean forPeople() {
    return false;
  }

  @Override
  public void close() {
    // nothing was changed
  }
}
