package dev.patronus.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// A program that has been started, and what it has printed so far.
///
/// Both outputs are read by a virtual thread each, so a talkative program never blocks. Safe from
/// any thread.
public final class RunningProgram implements AutoCloseable {

  /// How long anything is waited for: long enough for slow machines, shorter than the deadline of a
  /// test, so that the sentence of this class is what is read.
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private static final long PAUSE_MILLIS = 100;

  private final List<String> words;
  private final Process process;
  private final Output stdout;
  private final Output stderr;

  RunningProgram(List<String> words, Process process) {
    this.words = words;
    this.process = process;
    this.stdout = Output.of(process.getInputStream());
    this.stderr = Output.of(process.getErrorStream());
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// Standard input, buffered: flush after writing.
  public OutputStream stdin() {
    return process.getOutputStream();
  }

  /// Writes all of it to standard input and closes that; a program that does not listen is fine.
  void feed(String input) {
    try (OutputStream stdin = stdin()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It ended, or closed its input, before it had read all.
    }
  }

  public String stdoutSoFar() {
    return stdout.text();
  }

  public String stderrSoFar() {
    return stderr.text();
  }

  /// Waits until standard output contains the text.
  ///
  /// @throws IllegalStateException if it closed its output without having said so
  public void awaitStdout(String text) {
    await(stdout, text);
  }

  /// Waits until standard error contains the text.
  ///
  /// @throws IllegalStateException if it closed its output without having said so
  public void awaitStderr(String text) {
    await(stderr, text);
  }

  private void await(Output output, String text) {
    if (!output.await(text)) {
      String so = process.isAlive() ? "has not said '" : "ended without '";
      throw new IllegalStateException(so + text + "'\n" + stdout.text() + stderr.text());
    }
  }

  /// Sends the signal of that name (`TERM`, `INT`, `HUP`, `KILL`) to this process alone.
  public void signal(String name) {
    ProgramOutcome sent = Program.of("/bin/kill", "-" + name, pid()).run();
    if (sent.exitCode() != 0) {
      throw new IllegalStateException(sent.toString());
    }
  }

  /// Waits for its end, and returns all that it printed.
  ///
  /// @throws IllegalStateException if it, or another program that holds its outputs, has not ended
  ///   after five minutes
  public ProgramOutcome outcome() {
    try {
      if (!process.waitFor(TIMEOUT)) {
        throw late("has not ended");
      }
      if (!stdout.awaitEnd() || !stderr.awaitEnd()) {
        throw late("has ended, but another program still holds its output");
      }
      return new ProgramOutcome(words, process.exitValue(), stdout.all(), stderr.all());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + words, e);
    }
  }

  private IllegalStateException late(String what) {
    return new IllegalStateException(
        "%s %s after %d minutes; it printed:\n%s%s"
            .formatted(words, what, TIMEOUT.toMinutes(), stdout.text(), stderr.text()));
  }

  /// Ends it at once (SIGKILL) if it still runs.
  @Override
  public void close() {
    process.destroyForcibly();
    outcome();
  }

  /// One of the two streams, as far as it has been read. One lock around the bytes.
  private static final class Output {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean ended;

    static Output of(InputStream source) {
      Output output = new Output();
      // Reading a pipe would hold a carrier of the virtual threads for as long as the program runs.
      Thread.ofPlatform()
          .daemon()
          .name("output of a tested program")
          .start(() -> output.readAll(source));
      return output;
    }

    private void readAll(InputStream source) {
      byte[] buffer = new byte[8192];
      try (source) {
        for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
          add(buffer, count);
        }
      } catch (IOException _) {
        // Ending it the hard way closes its outputs under the reader; what it said is kept.
      } finally {
        end();
      }
    }

    private synchronized void add(byte[] buffer, int count) {
      bytes.write(buffer, 0, count);
      notifyAll();
    }

    private synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized byte[] all() {
      return bytes.toByteArray();
    }

    /// Whether it ended in time.
    synchronized boolean awaitEnd() throws InterruptedException {
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      while (!ended && System.nanoTime() - deadline < 0) {
        wait(PAUSE_MILLIS);
      }
      return ended;
    }

    /// Whether the text came. One that never comes must not hang all tests behind it.
    synchronized boolean await(String text) {
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      try {
        while (!text().contains(text) && !ended && System.nanoTime() - deadline < 0) {
          wait(PAUSE_MILLIS);
        }
        return text().contains(text);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for '" + text + "'", e);
      }
    }
  }
}
