package dev.patronus.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// A program in a real terminal, with a person's hands and eyes: tmux, on a server of its own.
///
/// ```java
/// try (TerminalWindow window = TerminalWindow.open(folder, 80, 24, Program.patronus("shell"))) {
///   window.await("> ");
///   window.type("site show b").press("Tab", "Enter");
/// }
/// ```
///
/// The opener closes it, which ends the server and all in it.
public final class TerminalWindow implements AutoCloseable {
  /// How long what must come is waited for: long, for slow machines, and an end for broken
  /// programs.
  private static final Duration TIMEOUT = Duration.ofMinutes(3);

  private static final int STARTS = 5;

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Path socket;

  private TerminalWindow(Path socket) {
    this.socket = socket;
  }

  /// Opens a window of this size in which the program runs; when it has ended, its exit code stands
  /// there as `ended with 0`.
  public static TerminalWindow open(Path folder, int columns, int lines, Program program)
      throws IOException {
    Path script = folder.resolve("window.sh");
    Files.writeString(script, script(program));
    TerminalWindow window = new TerminalWindow(folder.resolve("tmux"));
    window.start(
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-x",
        Integer.toString(columns),
        "-y",
        Integer.toString(lines),
        "sh " + script);
    return window;
  }

  /// On a busy machine tmux may lose its server while that begins; then nothing has run yet.
  private void start(String... words) {
    for (int attempt = 1; ; attempt++) {
      try {
        tmux(words);
        return;
      } catch (IllegalStateException e) {
        if (attempt == STARTS || !e.getMessage().contains("server exited unexpectedly")) {
          throw e;
        }
      }
    }
  }

  private static String script(Program program) {
    StringBuilder script = new StringBuilder("exec env -i TERM=\"${TERM_OF_TEST:-$TERM}\"");
    for (Map.Entry<String, String> entry : program.environment().entrySet()) {
      script.append(' ').append(entry.getKey()).append('=').append(quoted(entry.getValue()));
    }
    StringBuilder command = new StringBuilder();
    program.words().forEach(word -> command.append(quoted(word)).append(' '));
    return script
        .append(" sh -c ")
        .append(quoted("trap : INT; " + command + "; echo \"ended with $?\"; read -r _"))
        .append('\n')
        .toString();
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private String tmux(String... words) {
    List<Object> all = new ArrayList<>(List.of("-S", socket));
    all.addAll(List.of(words));
    ProgramOutcome outcome = Program.of("tmux", all.toArray()).run();
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.toString());
    }
    return outcome.stdout();
  }

  /// Types text as it is.
  public TerminalWindow type(String text) {
    tmux("send-keys", "-l", text);
    return this;
  }

  /// Pastes text in one piece, with the brackets around it that the program asked for.
  public TerminalWindow paste(String text) {
    tmux("set-buffer", text);
    tmux("paste-buffer", "-p", "-r");
    return this;
  }

  /// Presses keys, by tmux' names: `Enter`, `Tab`, `C-c`, `Up`.
  public TerminalWindow press(String... keys) {
    List<String> words = new ArrayList<>(List.of("send-keys"));
    words.addAll(List.of(keys));
    tmux(words.toArray(String[]::new));
    return this;
  }

  /// Gives the window another size.
  public TerminalWindow resize(int columns, int lines) {
    tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(lines));
    return this;
  }

  /// What stands on the screen, without the blanks at the ends of its lines.
  public String screen() {
    return tmux("capture-pane", "-p");
  }

  /// All that was ever written, what has scrolled away included.
  ///
  /// @param joined whether a line that was too long for the screen is one line again
  public String everything(boolean joined) {
    String all = tmux("capture-pane", "-p", "-S", "-", joined ? "-J" : "-N");
    return all.lines().map(String::stripTrailing).collect(Collectors.joining("\n"));
  }

  /// The same with the escape sequences of its colours.
  public String colours() {
    return tmux("capture-pane", "-p", "-e");
  }

  /// Whether the other screen is shown, the cursor is seen, and long lines are wrapped: `0 1 1` as
  /// it should be.
  public String modes() {
    return tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{wrap_flag}").strip();
  }

  /// Whether cursor keys are sent as an application asks for them (DECCKM), as an editor of lines
  /// does.
  public boolean cursorKeysOfApplication() {
    return tmux("display-message", "-p", "#{keypad_cursor_flag}").strip().equals("1");
  }

  /// Waits until this stands on the screen, and gives the screen.
  ///
  /// @throws IllegalStateException with the screen, if it does not come
  public String await(String text) {
    return await(text, screen -> screen.contains(text));
  }

  /// Waits until the screen is as it should be, and gives it.
  ///
  /// @param what what is waited for, for the message
  public String await(String what, Predicate<String> isThere) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    String screen = screen();
    while (!isThere.test(screen)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("no '" + what + "' on the screen:\n" + screen);
      }
      pause();
      screen = screen();
    }
    return screen;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a screen", e);
    }
  }

  @Override
  public void close() {
    Program.of("tmux", "-S", socket, "kill-server").run();
  }
}
