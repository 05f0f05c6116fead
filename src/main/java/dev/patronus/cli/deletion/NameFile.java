package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.error.Utf8Lines;
import dev.patronus.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads names from a file, one on each line; empty lines, and those that begin with `#`, are
/// skipped.
final class NameFile {
  private static final Path STANDARD_INPUT = Path.of("-");

  private NameFile() {}

  /// The names in a file; `-` is standard input.
  ///
  /// @throws UserError if it cannot be read
  static List<String> read(Invocation call, Path file) {
    if (file.equals(STANDARD_INPUT)) {
      if (call.session().isLasting()) {
        throw new UserError(
            ExitCode.USAGE, "standard input is the shell's own here; give --from a file");
      }
      return read(call.session().in(), called(file));
    }
    Database.requireNotOpen(file, "list of names");
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (NoSuchFileException e) {
      throw new UserError(ExitCode.FAILED, "there is no file " + file + " with names", e);
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
  }

  /// What a file is called in sentences.
  static String called(Path file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : file.toString();
  }

  private static List<String> read(InputStream in, String called) {
    try {
      List<String> names = new ArrayList<>();
      Utf8Lines lines = new Utf8Lines(called, in);
      for (String line = lines.next(); line != null; line = lines.next()) {
        String name = line.strip();
        if (!name.isEmpty() && !name.startsWith("#")) {
          names.add(name);
        }
      }
      return names;
    } catch (IOException e) {
      throw unreadable(called, e);
    }
  }

  private static UserError unreadable(String called, IOException e) {
    return new UserError(
        ExitCode.FAILED, "cannot read the names in " + called + ": " + e.getMessage(), e);
  }
}
