package dev.patronus.cli;

import dev.patronus.audit.ProcessUser;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.terminal.ClosedPipe;
import dev.patronus.cli.terminal.CurrentUser;
import dev.patronus.cli.terminal.SystemProgram;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jline.utils.Signals;

/// Shows text on a terminal, through a pager where it is longer than the screen.
///
/// The pager is `PATRONUS_PAGER`, else `PAGER`, else `less -FRX`; an empty one means none. Where
/// the terminal cannot move its cursor, only the first is used.
///
/// A pager can start other programs, and those of root would be root's. So for root, and for who
/// runs this as somebody else (sudo, su), it is `less` alone, whatever the environment says, and it
/// starts nothing: `LESSSECURE=1` (less(1)), and of the environment only what it needs to draw.
final class Pager {

  /// What of the environment says how the terminal draws.
  private static final Set<String> DRAWING =
      Set.of("TERM", "LANG", "LC_ALL", "LC_CTYPE", "LINES", "COLUMNS", "LESSCHARSET");

  /// A program that pages.
  ///
  /// @param words its command line; empty for none
  /// @param env its whole environment
  /// @param secure whether it starts nothing; it then ignores Ctrl-Z, too, as this program has to
  ///   meanwhile: the shell would read the same keys as the pager
  record Command(List<String> words, Map<String, String> env, boolean secure) {
    Command {
      words = List.copyOf(words);
      env = Map.copyOf(env);
    }
  }

  private Pager() {}

  static void show(String text, Invocation call) throws IOException {
    boolean fits = text.lines().count() < call.terminal().lines();
    if (fits || !call.terminal().in() || !page(command(call), text)) {
      call.out().write(text.getBytes(StandardCharsets.UTF_8));
      call.out().flush();
    }
  }

  private static Command command(Invocation call) {
    return command(
        call.session().env(), CurrentUser.read(), call.canMoveCursor(), SystemProgram.find("less"));
  }

  /// Chooses the pager.
  ///
  /// @param env the process' environment
  /// @param canMoveCursor whether the terminal can
  /// @param less where the system's is; empty if it has none
  static Command command(
      Map<String, String> env, ProcessUser user, boolean canMoveCursor, Optional<Path> less) {
    String chosen = env.get("PATRONUS_PAGER");
    if (chosen == null) {
      chosen = canMoveCursor ? env.get("PAGER") : "";
    }
    if (chosen != null && chosen.isBlank()) {
      return new Command(List.of(), Map.of(), false);
    }
    return chosen == null || user.isRaised(env)
        ? less(env, less)
        : new Command(
            List.of(
                "/bin/sh", "-c", "command -v ${1%% *} >/dev/null && exec $1", "sh", chosen.strip()),
            env,
            false);
  }

  /// The system's `less`, which starts nothing and writes no file.
  private static Command less(Map<String, String> env, Optional<Path> less) {
    List<String> words = new ArrayList<>();
    less.ifPresent(path -> Collections.addAll(words, path.toString(), "-F", "-R", "-X"));
    Map<String, String> secure = new TreeMap<>(env);
    secure.keySet().retainAll(DRAWING);
    secure.put("LESSSECURE", "1");
    secure.put("LESSHISTFILE", "-");
    secure.put("PATH", "/usr/bin:/bin");
    return new Command(words, secure, true);
  }

  /// Runs the pager; false if there is none of that name.
  private static boolean page(Command command, String text) throws IOException {
    if (command.words().isEmpty()) {
      return false;
    }
    ProcessBuilder builder =
        new ProcessBuilder(command.words())
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().clear();
    builder.environment().putAll(command.env());
    Object stop = command.secure() ? Signals.register("TSTP", () -> {}) : null;
    try {
      return page(builder.start(), text);
    } finally {
      if (stop != null) {
        Signals.unregister("TSTP", stop);
      }
    }
  }

  private static boolean page(Process process, String text) throws IOException {
    try (OutputStream in = process.getOutputStream()) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      if (!ClosedPipe.is(e)) {
        throw e;
      }
    }
    return waitFor(process) != 127 && process.exitValue() != 1;
  }

  /// Waits until the person leaves the pager; Ctrl-C is the pager's as long as it is there.
  private static int waitFor(Process process) {
    boolean interrupted = false;
    while (true) {
      try {
        int exit = process.waitFor();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        return exit;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
  }
}
