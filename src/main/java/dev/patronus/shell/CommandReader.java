package dev.patronus.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

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

  private final BufferedReader lines;
  private final Verbatim verbatim;
  private int number;
  private int first;
  private boolean unfinished;

  CommandReader(BufferedReader lines, Verbatim verbatim) {
    this.lines = lines;
    this.verbatim = verbatim;
  }

  /// Splits a text of which each whole command ends with its line.
  static Split split(String text, Verbatim verbatim) {
    List<String> whole = new ArrayList<>();
    CommandReader reader = new CommandReader(new BufferedReader(new StringReader(text)), verbatim);
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
  String next() throws IOException {
    String line = line();
    first = number;
    if (line == null) {
      return null;
    }
    StringBuilder text = new StringBuilder(line);
    while (TypedLine.read(text.toString(), verbatim).unfinished()) {
      String more = line();
      if (more == null) {
        unfinished = true;
        return text.toString();
      }
      text.append('\n').append(more);
    }
    return text.toString();
  }

  private String line() throws IOException {
    number++;
    return lines.readLine();
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
