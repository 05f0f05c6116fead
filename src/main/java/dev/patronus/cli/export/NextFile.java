package dev.patronus.cli.export;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.export.ExportCommand.Written;
import dev.patronus.cli.option.OutputFileOption;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.OutputTarget;
import dev.patronus.output.Format;
import dev.patronus.output.file.Checkpoint;
import dev.patronus.output.file.ExportState;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The file that what is new since the last run is handed over in.
record NextFile(ExportCommand command, Invocation call, Format format, Path target) {

  /// The file whose rows stay, and that new ones are added to.
  ///
  /// @throws UserError if the format cannot be added to
  static AppendedFile appended(
      ExportCommand command, Invocation call, Format format, List<String> names, Path target)
      throws IOException {
    if (format != Format.CSV && format != Format.NDJSON) {
      throw new UserError(
          ExitCode.USAGE, "--append adds rows to CSV or NDJSON; add -o csv or -o ndjson");
    }
    byte[] head = ExportRows.head(command.columns(call, names), format, call);
    return AppendedFile.of(target, head);
  }

  /// Writes rows, and with the file's name moves the mark.
  ///
  /// @param appended what the file holds already; null where it begins with these rows
  /// @param unchanged whether what was read still holds, once all was read
  /// @return false if it does not; then nothing was handed over
  boolean write(
      ExportRows rows,
      ExportState state,
      Checkpoint next,
      @Nullable AppendedFile appended,
      BooleanSupplier unchanged)
      throws IOException {
    Path part = AtomicFile.temporaryOf(target);
    state.begin(part);
    try (AtomicFile output = OutputFileOption.begin(call, target, part)) {
      if (appended != null) {
        appended.copyTo(output);
      }
      Written written = ExportCommand.toFile(call, rows, format, output, appended);
      if (!unchanged.getAsBoolean()) {
        return false;
      }
      if (written.rows() == 0) {
        state.commit(next);
        tellNothing();
        return true;
      }
      if (appended != null) {
        appended.requireUnchanged();
      }
      state.deliver(output, next, appended != null || command.output().force());
      ExportCommand.tell(call, target, written);
      return true;
    } catch (FileAlreadyExistsException e) {
      throw OutputTarget.taken(target, OutputFileOption.REPLACE, e);
    }
  }

  private void tellNothing() {
    if (call.terminal().err()) {
      call.say("No new rows since the last run; no file was written.");
    }
  }
}
