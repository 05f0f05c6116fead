package dev.patronus.cli.terminal;

import java.io.IOException;
import java.util.Locale;

/// A reader that has seen enough and went away (EPIPE of write(2)): the quiet end of `patronus … |
/// head`.
public final class ClosedPipe {
  private ClosedPipe() {}

  public static boolean is(IOException e) {
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("broken pipe");
  }
}
