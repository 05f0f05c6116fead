package dev.patronus.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.metrics.Metrics;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Processes of their own in which a thread fails while the main thread waits.
class FatalErrorsTest {

  /// The process: its one argument says how the thread fails.
  public static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws InterruptedException {
      FatalErrors.endTheProcess(System.err::println);
      Runnable failure =
          switch (arguments[0]) {
            case "assertion" ->
                () -> {
                  throw new AssertionError("a fault");
                };
            case "memory" ->
                () -> {
                  throw new OutOfMemoryError(
                      "thrown by Java code, which no option of the JVM sees");
                };
            case "exception" ->
                () -> {
                  throw new IllegalStateException("nobody catches it");
                };
            default -> throw new IllegalArgumentException(arguments[0]);
          };
      if (arguments[0].equals("exception")) {
        Thread.ofVirtual().name("victim").start(failure);
      } else {
        SupervisedThread.startPlatform("victim", new Metrics(), failure::run);
      }
      new CountDownLatch(1).await();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"assertion", "memory", "exception"})
  void what_a_thread_does_not_catch_ends_the_process_and_is_said(String how) {
    Path java = Path.of(System.getProperty("java.home"), "bin/java");
    ProgramOutcome outcome =
        Program.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                how)
            .run();
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertTrue(
        outcome.stderr().contains("the daemon ends, since its thread 'victim' failed: "),
        outcome::toString);
  }
}
