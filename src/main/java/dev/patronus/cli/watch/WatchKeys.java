package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.terminal.Stty;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/// What is typed while a screen is watched: `q` and Ctrl-D end it by interrupting the thread of the
/// watch, also while that waits for a daemon; everything else is dropped.
///
/// Meanwhile the terminal hands over keys at once and shows none, which would spoil the picture
/// (termios(3), ICANON and ECHO), and Ctrl-Z does nothing, which would leave the other screen
/// behind. Ctrl-C is a signal as ever. Closing it sets the terminal as it was, and no key is taken
/// from then on.
///
/// Made and closed on the watch's thread; keys are read on another one.
final class WatchKeys implements AutoCloseable {
  private static final Duration GLANCE = Duration.ofMillis(100);
  private static final int END_OF_INPUT = 4; // what Ctrl-D types

  private final InputStream typed;
  private final boolean somebody;
  private final Optional<String> before;
  private final Thread watch = Thread.currentThread();
  private boolean open = true;

  private WatchKeys(InputStream typed, boolean somebody, Optional<String> before) {
    this.typed = typed;
    this.somebody = somebody;
    this.before = before;
  }

  /// Prepares the terminal where a screen is watched by somebody who can type.
  static WatchKeys of(Invocation call, boolean screen) {
    InputStream in = call.session().in();
    boolean somebody = screen && call.terminal().in();
    Optional<String> before =
        somebody && in.equals(System.in) ? Stty.run("-g") : Optional.<String>empty();
    before.ifPresent(_ -> Stty.run("-icanon", "-echo", "susp", "undef"));
    return new WatchKeys(in, somebody, before);
  }

  /// Begins to take keys; what was typed before counts, too.
  void listen() {
    if (somebody) {
      Thread.ofVirtual().name("watch keys").start(this::take);
    }
  }

  private void take() {
    try {
      while (glance()) {
        Thread.sleep(GLANCE);
      }
    } catch (IOException _) {
      // no terminal any more: HUP ends the watch
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Takes what was typed; says whether to look again.
  private synchronized boolean glance() throws IOException {
    while (open && typed.available() > 0) {
      int key = typed.read();
      if (key == 'q' || key == 'Q' || key == END_OF_INPUT) {
        watch.interrupt();
        open = false;
      }
    }
    return open;
  }

  @Override
  public synchronized void close() {
    open = false;
    before.ifPresent(Stty::run);
  }
}
