package dev.patronus.shell;

import dev.patronus.error.Utf8Lines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads commands from lines of text: a command is a line, together with those that it goes on in
/// where a quote is open or a backslash stands at its end.
///
/// Confined to one thread.
final class CommandReader {

  /// The commands of a text.
  ///
  /// @param whole those that end within it, in their order
  /// @param partial what follows them and may not be all of a command yet; empty where nothing does
  record Split(List<String> whole, String partial) {}

  private final Utf8Lines lines;
  private final RawSyntax verbatim;
  private int first;
  private boolean unfinished;

  CommandReader(Utf8Lines lines, RawSyntax verbatim) {
    this.lines = lines;
    this.verbatim = verbatim;
  }

  /// Splits a text of which each whole command ends with its line.
  static Split split(String text, RawSyntax verbatim) {
    List<String> whole = new ArrayList<>();
    Utf8Lines lines =
        new Utf8Lines("text", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    CommandReader reader = new CommandReader(lines, verbatim);
    try {
      for (String each = reader.next(); each != null; each = reader.next()) {
        whole.add(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // text in memory has no errors
    }
    boolean ends = text.endsWith("\n") && !reader.unfinished();
    return whole.isEmpty() || ends
        ? new Split(List.copyOf(whole), "")
        : new Split(List.copyOf(whole.subList(0, whole.size() - 1)), whole.getLast());
  }

  /// The next command, with its line ends within; null at the end.
  ///
  /// @throws IOException if the lines cannot be read
  @Nullable String next() throws IOException {
    String line = lines.next();
    first = lines.number();
    if (line == null) {
      return null;
    }
    StringBuilder text = new StringBuilder(line);
    while (TypedLine.read(text.toString(), verbatim).unfinished()) {
      String more = lines.next();
      if (more == null) {
        unfinished = true;
        return text.toString();
      }
      text.append('\n').append(more);
    }
    return text.toString();
  }

  /// The number of the line that the last command begins with, from 1.
  int first() {
    return first;
  }

  /// Whether the text ended within the last command.
  boolean unfinished() {
    return unfinished;
  }
}
