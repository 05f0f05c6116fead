package dev.patronus.thread;

import dev.patronus.error.ExitCode;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The handler of what no thread has caught: it says so and ends the process, so that the service
/// manager starts it again.
///
/// A thread that ends silently leaves a daemon that looks alive and does nothing. So the threads of
/// the daemon catch exceptions where they can go on, and never an [Error]. Memory that runs out
/// ends the process earlier, by `-XX:+ExitOnOutOfMemoryError` in `daemon.options`.
public final class FatalErrors {
  private static final int FRAMES = 5;

  private FatalErrors() {}

  /// Handles the uncaught exceptions of all threads of this process from now on.
  ///
  /// @param log takes the message; called from the thread that ends
  public static void endTheProcess(Consumer<String> log) {
    Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> end(thread, cause, log));
  }

  /// Gives an error of the current thread to the handler, where a library would swallow it.
  public static void report(Error error) {
    Thread current = Thread.currentThread();
    current.getUncaughtExceptionHandler().uncaughtException(current, error);
  }

  private static void end(Thread thread, Throwable cause, Consumer<String> log) {
    try {
      log.accept(message(thread.getName(), cause));
    } finally {
      Runtime.getRuntime().halt(ExitCode.FAILED.code()); // also where no memory is left to say why
    }
  }

  private static String message(String thread, Throwable cause) {
    return "the daemon ends, since its thread '"
        + thread
        + "' failed: "
        + cause
        + Arrays.stream(cause.getStackTrace())
            .limit(FRAMES)
            .map(frame -> " at " + frame)
            .collect(Collectors.joining());
  }
}
