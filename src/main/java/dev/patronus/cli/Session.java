package dev.patronus.cli;

import dev.patronus.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/// What stays the same from one command to the next: the streams, the environment, the clock, and
/// the database that is open.
///
/// Confined to one thread. Owns the databases that it opened and closes them; the streams belong to
/// the process. A one-shot command has a session of its own, the shell one for all its commands.
public final class Session implements AutoCloseable {
  private final InputStream in;
  private final OutputStream out;
  private final PrintStream err;
  private final Map<String, String> env;
  private final Terminal terminal;
  private final Clock clock;
  private boolean streaming;
  private Database reading;
  private Database writing;

  public Session(
      InputStream in,
      OutputStream out,
      PrintStream err,
      Map<String, String> env,
      Terminal terminal,
      Clock clock) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.env = Map.copyOf(env);
    this.terminal = terminal;
    this.clock = clock;
  }

  public InputStream in() {
    return in;
  }

  /// Where answers go. Its errors are told, so that a full disk is not taken for a closed pipe.
  public OutputStream out() {
    return out;
  }

  /// The same, for an answer that is not held in memory.
  OutputStream stream() {
    streaming = true;
    return out;
  }

  /// Whether part of an answer may already be out, so that nothing else fits behind it.
  boolean streaming() {
    return streaming;
  }

  /// Begins a command: nothing of its answer is out.
  void begin() {
    streaming = false;
  }

  /// Writes text to where answers go.
  void print(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  public PrintStream err() {
    return err;
  }

  public Map<String, String> env() {
    return env;
  }

  public Terminal terminal() {
    return terminal;
  }

  public Clock clock() {
    return clock;
  }

  Database reading(Path file) {
    if (reading == null || !reading.file().equals(file)) {
      close(reading);
      reading = null;
      reading = Database.openReadOnly(file);
    }
    return reading;
  }

  Database writing(Path file) {
    if (writing == null || !writing.file().equals(file)) {
      close(writing);
      writing = null;
      writing = Database.openWritable(file);
    }
    return writing;
  }

  private static void close(Database database) {
    if (database != null) {
      database.close();
    }
  }

  @Override
  public void close() {
    close(reading);
    close(writing);
    reading = null;
    writing = null;
  }
}
