package dev.patronus.cli.export;

import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.file.Checkpoint;
import dev.patronus.output.file.ExportState;
import dev.patronus.store.scan.DeletedRows;
import dev.patronus.store.scan.DeletedRows.Deletions;
import dev.patronus.store.scan.DeletedRows.Keys;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An export of what came since the last one.
///
/// The greatest key is read before the first row. SQLite has one writer at a time and keys only
/// count up, so a row that is committed later has a greater key, and no row appears among those
/// that were handed over, with one exception: a restored site brings its rows back under their old
/// keys. So the mark remembers the rows that were deleted when it passed them, and hands them over
/// once they are back. Where a deletion or a restoration is made during an export, it is not clear
/// which of its rows were read, and the export starts again.
record IncrementalExport(
    ExportCommand command,
    Invocation call,
    TableScanner extraction,
    Format format,
    List<String> names,
    Path stateFile,
    Optional<Path> target,
    boolean append) {
  private static final int ATTEMPTS_MAX = 5;

  /// What one run hands over.
  ///
  /// @param returned rows before the mark that were deleted when it passed them
  /// @param next the mark once all is delivered
  private record Batch(
      TimeRange range, KeyRange keys, List<Keys> returned, Checkpoint next, Deletions deletions) {}

  Answer run(boolean restart) throws IOException {
    AppendedFile appended =
        append ? NextFile.appended(command, call, format, names, target.orElseThrow()) : null;
    try (ExportState state = command.state(call, names, stateFile, target, restart)) {
      ExportCommand.check(state.checkpoint(), extraction, state, call.databaseFile());
      TimeRange range = state.checkpoint().key() == 0 ? command.firstRange(call) : TimeRange.ALL;
      for (int attempt = 0; !isDone(state, range, appended); attempt++) {
        if (attempt == ATTEMPTS_MAX) {
          throw new UserError(
              ExitCode.BUSY,
              "sites are being deleted or restored continuously; nothing was"
                  + " exported, try again");
        }
      }
    }
    return new Answer();
  }

  private Batch batch(Checkpoint mark, TimeRange range, DeletedRows deleted) {
    Deletions deletions = deleted.deletions();
    List<Keys> absent = new ArrayList<>();
    mark.absent().forEach(rows -> add(absent, new Keys(rows.group(), rows.first(), rows.last())));
    deleted.takenAfter(mark.archive(), mark.key(), range).forEach(rows -> add(absent, rows));
    List<Keys> returned = absent.stream().filter(deleted::areBack).toList();
    List<Checkpoint.Absent> still =
        absent.stream()
            .filter(rows -> !returned.contains(rows) && deleted.canComeBack(rows))
            .map(rows -> new Checkpoint.Absent(rows.group(), rows.first(), rows.last()))
            .toList();
    Checkpoint last = ExportCommand.mark(extraction, Math.max(mark.key(), extraction.lastKey()));
    return new Batch(
        range,
        KeyRange.after(mark.key(), last.key()),
        returned,
        new Checkpoint(last.key(), last.print(), deletions.last(), still),
        deletions);
  }

  /// Adds rows; the same ones, deleted once more, are in one entry.
  private static void add(List<Keys> all, Keys rows) {
    Keys sum = rows;
    for (Keys other : List.copyOf(all)) {
      if (other.group() == sum.group()
          && other.first() <= sum.last()
          && sum.first() <= other.last()) {
        all.remove(other);
        sum =
            new Keys(
                sum.group(),
                Math.min(sum.first(), other.first()),
                Math.max(sum.last(), other.last()));
      }
    }
    all.add(sum);
  }

  private boolean isDone(ExportState state, TimeRange range, @Nullable AppendedFile appended)
      throws IOException {
    DeletedRows deleted = new DeletedRows(call.database(), command.extract());
    Batch batch = batch(state.checkpoint(), range, deleted);
    ExportQuery selection =
        command.selection(names, command.groups(call, extraction), range, batch.keys());
    try (RowScan scan =
        extraction.afterReturned(selection, batch.returned(), state.checkpoint().key())) {
      ExportRows rows = command.rows(call, scan, names, range, true);
      if (target.isEmpty()) {
        toStream(rows, state, batch, deleted);
        return true;
      }
      return new NextFile(command, call, format, target.get())
          .write(
              rows,
              state,
              batch.next(),
              appended,
              () -> deleted.deletions().equals(batch.deletions()));
    }
  }

  private void toStream(ExportRows rows, ExportState state, Batch batch, DeletedRows deleted)
      throws IOException {
    command.toStream(call, rows, format);
    if (deleted.deletions().equals(batch.deletions())) {
      state.commit(batch.next());
    } else {
      call.warn(
          "sites were deleted or restored meanwhile; the next run exports these rows" + " again");
    }
  }
}
