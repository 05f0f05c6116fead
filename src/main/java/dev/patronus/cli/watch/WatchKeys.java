package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.terminal.Stty;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/// What is typed while a screen is watched: `q` and Ctrl-D end it, everything else is dropped.
///
/// Meanwhile the terminal hands over keys at once and shows none, which would spoil the picture
/// (termios(3), ICANON and ECHO), and Ctrl-Z does nothing, which would leave the other screen
/// behind. Ctrl-C is a signal as ever. Closing it sets the terminal as it was.
///
/// Confined to the watch's thread.
final class WatchKeys implements AutoCloseable {
  private static final long GLANCE_NANOS = Duration.ofMillis(100).toNanos();
  private static final int END_OF_INPUT = 4; // what Ctrl-D types

  private final InputStream typed;
  private final boolean somebody;
  private final Optional<String> before;

  private WatchKeys(InputStream typed, boolean somebody, Optional<String> before) {
    this.typed = typed;
    this.somebody = somebody;
    this.before = before;
  }

  /// Listens where a screen is watched by somebody who can type.
  static WatchKeys of(Invocation call, boolean screen) {
    InputStream in = call.session().in();
    boolean somebody = screen && call.terminal().in();
    Optional<String> before =
        somebody && in.equals(System.in) ? Stty.run("-g") : Optional.<String>empty();
    before.ifPresent(_ -> Stty.run("-icanon", "-echo", "susp", "undef"));
    return new WatchKeys(in, somebody, before);
  }

  /// How long nobody needs to look whether something was typed.
  long glanceNanos() {
    return somebody ? GLANCE_NANOS : Long.MAX_VALUE;
  }

  /// Takes what was typed; says whether that is to be the end.
  boolean leaves() throws IOException {
    boolean leaves = false;
    while (somebody && typed.available() > 0) {
      int key = typed.read();
      leaves |= key == 'q' || key == 'Q' || key == END_OF_INPUT;
    }
    return leaves;
  }

  @Override
  public void close() {
    before.ifPresent(Stty::run);
  }
}
