package dev.patronus.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The size of the terminal's window, asked for anew.
///
/// The launcher finds it out at the start; later it is asked only when a signal says that it has
/// changed, so that the call of `stty` costs a drawing nothing.
final class WindowSize {
  private WindowSize() {}

  /// `"24 80"`: lines and columns; empty if it cannot be told.
  static Optional<String> ask() {
    ProcessBuilder stty =
        new ProcessBuilder("stty", "size")
            .redirectInput(new File("/dev/tty"))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = stty.start();
      try (InputStream out = process.getInputStream()) {
        String size = new String(out.readAllBytes(), StandardCharsets.US_ASCII).strip();
        return size.isEmpty() || size.equals("0 0") ? Optional.empty() : Optional.of(size);
      }
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
