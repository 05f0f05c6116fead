package dev.patronus.cli;

import dev.patronus.cli.ExportCommand.Written;
import dev.patronus.delivery.Handover;
import dev.patronus.delivery.Mark;
import dev.patronus.delivery.OutputFile;
import dev.patronus.export.Answer;
import dev.patronus.export.Format;
import dev.patronus.store.Extraction;
import dev.patronus.store.RowScan;
import dev.patronus.store.Selection;
import dev.patronus.store.Selection.KeyRange;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// An export of what came since the last one.
///
/// The greatest key is read before the first row. SQLite has one writer at a time and keys only
/// count up, so a row that is committed later has a greater key, and no row can appear among those
/// that were handed over.
record IncrementalExport(
    ExportCommand command,
    Call call,
    Extraction extraction,
    Format format,
    List<String> names,
    Path state) {

  Answer run(boolean restart) throws IOException {
    try (Handover handover =
        Handover.open(state, ExportCommand.json(command.question(call, names)), restart)) {
      Mark mark = handover.mark();
      ExportCommand.check(mark, extraction, handover, call.databaseFile());
      Mark next = ExportCommand.mark(extraction, Math.max(mark.key(), extraction.lastKey()));
      TimeRange range = mark.key() == 0 ? firstRange() : TimeRange.ALL;
      KeyRange keys = KeyRange.after(mark.key(), next.key());
      Selection selection = command.selection(names, command.groups(call, extraction), range, keys);
      try (RowScan scan = command.open(call, extraction, selection, names, true)) {
        deliver(command.rows(call, scan, names, range, true), handover, next);
      }
    }
    return new Answer();
  }

  private TimeRange firstRange() {
    TimeRange range = command.times().read(call);
    command.times().echo(range, call, call.zone());
    return range;
  }

  private void deliver(ExportRows rows, Handover handover, Mark next) throws IOException {
    if (command.file() == null) {
      command.toStream(call, rows, format);
      handover.commit(next);
      return;
    }
    Path target = OutputFile.target(command.file());
    Path part = OutputFile.partOf(target);
    handover.begin(part);
    try (OutputFile output = OutputFile.begin(target, part)) {
      Written written = command.toFile(call, rows, format, output);
      handover.deliver(output, next);
      ExportCommand.tell(call, target, written);
    }
  }
}
