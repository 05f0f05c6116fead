package dev.patronus.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the three streams are connected to, and how large the screen is.
///
/// Immutable. The launcher finds it out for nothing and hands it over in properties; without it
/// Linux' `/proc` tells (proc(5)).
///
/// @param in whether a person can answer a question
/// @param out whether a person reads the answer
/// @param err whether a person reads the messages
/// @param columns the screen's width; 80 where nobody knows
public record Terminal(boolean in, boolean out, boolean err, int columns, int lines) {
  private static final WindowSize DEFAULT = new WindowSize(24, 80);

  /// Looks at this process' own streams.
  ///
  /// @param streams which are terminals, `"012"` for all; null if the launcher did not say
  /// @param size `"24 80"`: lines and columns; null if the launcher did not say
  public static Terminal of(String streams, String size, Map<String, String> env) {
    return new Terminal(
            isTerminal(streams, 0), isTerminal(streams, 1), isTerminal(streams, 2), 0, 0)
        .resized(WindowSize.parse(size).orElse(DEFAULT), env);
  }

  /// The same terminal with a window of another size; what the environment says of it goes on to
  /// hold.
  public Terminal resized(WindowSize size, Map<String, String> env) {
    int newColumns = number(env.get("COLUMNS"), size.columns());
    int newLines = number(env.get("LINES"), size.lines());
    return new Terminal(in, out, err, newColumns, newLines);
  }

  /// The same without anybody who could answer a question.
  public Terminal withoutPerson() {
    return new Terminal(false, out, err, columns, lines);
  }

  private static boolean isTerminal(@Nullable String streams, int descriptor) {
    if (streams != null) {
      return streams.indexOf('0' + descriptor) >= 0;
    }
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  /// Whether the environment says how wide lines are to be: also in a pipe then, such as that of
  /// watch(1), which sets `COLUMNS` for the program that it runs.
  public static boolean hasWidth(Map<String, String> env) {
    return number(env.get("COLUMNS"), 0) > 0;
  }

  private static int number(@Nullable String text, int defaultValue) {
    try {
      int number = text == null ? 0 : Integer.parseInt(text.trim());
      return number > 0 ? number : defaultValue;
    } catch (NumberFormatException _) {
      return defaultValue;
    }
  }
}
