package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.StableTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// A watch as lines that are added, one for each policy and reading, each with its time: for a
/// file, a pipe, or a terminal that cannot move its cursor.
final class WatchLines implements WatchOutput {
  private final Invocation call;
  private final StableTable table;

  WatchLines(Invocation call) {
    this.call = call;
    this.table = new StableTable(call.screen());
  }

  @Override
  public void show(WatchReading reading) throws IOException {
    Table<?> lines =
        call.columns().isPresent()
            ? WatchTable.programs(call, reading, true)
            : WatchTable.lines(reading);
    call.stream().write(table.more(lines).getBytes(StandardCharsets.UTF_8));
    call.out().flush();
  }

  @Override
  public boolean forPeople() {
    return call.terminal().out();
  }

  @Override
  public void close() {
    // nothing was changed
  }
}
