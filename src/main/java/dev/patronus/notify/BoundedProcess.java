package dev.patronus.notify;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program that is run with a limit of time and of output.
///
/// It gets no shell, no standard input besides the given one, and of the environment only `PATH`
/// and what is given.
final class BoundedProcess {
  /// The time that a program may take.
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  /// The bytes of its output that are kept, for the message if it fails; further ones are read and
  /// dropped.
  private static final int OUTPUT_MAX = 1024;

  private static final Duration CLEANUP = Duration.ofSeconds(2);

  private BoundedProcess() {}

  /// Runs a program to its end.
  ///
  /// @param input its standard input
  /// @throws IOException if it cannot be started, ends with another code than 0, or does not end in
  ///   time, when it is killed with all processes that it started
  static void run(
      List<String> command, Map<String, String> environment, String input, Duration timeout)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> env = builder.environment();
    env.clear();
    env.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    env.put("LC_ALL", "C.UTF-8");
    env.putAll(environment);
    Process process = builder.start();
    ByteArrayOutputStream output = new ByteArrayOutputStream(); // locks itself
    // Not virtual: a read of a pipe holds its carrier, and the control socket needs one.
    Thread reader = start("alert output", () -> read(process, output));
    Thread writer = start("alert input", () -> write(process, input));
    boolean ended = false;
    try {
      ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!ended) {
        kill(process);
      }
      writer.interrupt();
      boolean _ = reader.join(CLEANUP); // a child of it may hold the pipe open
      process.getInputStream().close();
    }
    if (!ended) {
      throw new IOException("it did not end within " + timeout.toSeconds() + " s and was killed");
    }
    if (process.exitValue() != 0) {
      String said = output.toString(StandardCharsets.UTF_8).strip();
      throw new IOException(
          "it ended with code " + process.exitValue() + (said.isEmpty() ? "" : ": " + said));
    }
  }

  private static Thread start(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name(name).start(work);
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static void read(Process process, ByteArrayOutputStream output) {
    byte[] part = new byte[OUTPUT_MAX];
    try (InputStream in = process.getInputStream()) {
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        output.write(part, 0, Math.min(read, OUTPUT_MAX - output.size()));
      }
    } catch (IOException _) {
      // closed because its time is over
    }
  }

  private static void write(Process process, String input) {
    try (OutputStream out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // it does not read its input
    }
  }
}
