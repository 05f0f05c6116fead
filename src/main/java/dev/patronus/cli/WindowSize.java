package dev.patronus.cli;

import java.util.Optional;

/// The size of the terminal's window, asked for anew.
///
/// The launcher finds it out at the start; later it is asked only when a signal says that it has
/// changed, so that the call of `stty` costs a drawing nothing.
final class WindowSize {
  private WindowSize() {}

  /// `"24 80"`: lines and columns; empty if it cannot be told.
  static Optional<String> ask() {
    return Stty.run("size").filter(size -> !size.equals("0 0"));
  }
}
