package dev.patronus.cli.terminal;

import java.util.Optional;

/// The size of a terminal's window in character cells.
///
/// Immutable. The launcher finds it out at the start; later it is asked for only when a signal says
/// that it has changed, so that the call of `stty` costs a drawing nothing.
///
/// @param lines how many; above 0
/// @param columns how many; above 0
public record WindowSize(int lines, int columns) {

  /// The size as stty(1) writes it, `"24 80"`; empty if it is none, or nobody knows it.
  static Optional<WindowSize> parse(String size) {
    String[] parts = size == null ? new String[0] : size.strip().split(" ", -1);
    try {
      return parts.length == 2
          ? of(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]))
          : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  /// The size of so many lines and columns; empty if one is 0, as on a serial line.
  public static Optional<WindowSize> of(int lines, int columns) {
    return lines > 0 && columns > 0
        ? Optional.of(new WindowSize(lines, columns))
        : Optional.empty();
  }

  /// The size of the window now; empty if it cannot be told.
  public static Optional<WindowSize> ask() {
    return Stty.run("size").flatMap(WindowSize::parse);
  }
}
