package dev.patronus.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Shows text on a terminal, through a pager where it is longer than the screen.
///
/// The pager is `PATRONUS_PAGER`, else `PAGER`, else `less -FRX`; an empty one means none. Where
/// the terminal cannot move its cursor, only the first is used.
final class Pager {
  private Pager() {}

  static void show(String text, Call call) throws IOException {
    String pager = command(call);
    boolean fits = text.lines().count() < call.terminal().lines();
    if (fits || pager.isEmpty() || !call.terminal().in() || !page(pager, text)) {
      call.out().write(text.getBytes(StandardCharsets.UTF_8));
      call.out().flush();
    }
  }

  private static String command(Call call) {
    String usual =
        call.canMoveCursor() ? call.session().env().getOrDefault("PAGER", "less -FRX") : "";
    return call.session().env().getOrDefault("PATRONUS_PAGER", usual).strip();
  }

  /// Runs the pager; false if there is none of that name.
  private static boolean page(String pager, String text) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                "/bin/sh", "-c", "command -v ${1%% *} >/dev/null && exec $1", "sh", pager)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = builder.start();
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
