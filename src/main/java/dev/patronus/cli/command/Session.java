package dev.patronus.cli.command;

import dev.patronus.cli.terminal.ClosedPipe;
import dev.patronus.cli.terminal.ShutdownGuard;
import dev.patronus.cli.terminal.Terminal;
import dev.patronus.cli.terminal.WindowSize;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.text.Paragraph;
import dev.patronus.store.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What stays the same from one command to the next: the streams, the environment, the clock, and
/// the database that is open.
///
/// Confined to one thread. Owns the databases that it opened and closes them; the streams belong to
/// the process. A one-shot command has a session of its own, the shell one for all its commands
/// ([#lasting]).
public final class Session implements AutoCloseable {

  /// Asks the person at the terminal.
  @FunctionalInterface
  public interface Dialogue {
    /// The answer without its line end; null where there is none.
    @Nullable String ask(String question) throws IOException;
  }

  private final InputStream in;
  private final OutputStream out;
  private final PrintStream err;
  private final Map<String, String> env;
  private final Clock clock;
  private final Dialogue dialogue;
  private final boolean lasting;
  private Terminal terminal;
  private @Nullable PipeFilters filter;
  private boolean streaming;
  private @Nullable OpenDatabase reading;
  private @Nullable OpenDatabase writing;

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
    this.dialogue = this::askOnStreams;
    this.lasting = false;
  }

  private Session(Session outer, Terminal terminal, Dialogue dialogue) {
    this.in = outer.in;
    this.out = outer.out;
    this.err = outer.err;
    this.env = outer.env;
    this.terminal = terminal;
    this.clock = outer.clock;
    this.dialogue = dialogue;
    this.lasting = true;
  }

  /// A session for several commands, on the same streams: an interrupt of its thread ends what the
  /// database is doing, and a database that was replaced meanwhile is opened again.
  ///
  /// @param dialogue asks questions, where there is somebody to ask
  public Session lasting(Terminal screen, Dialogue dialogue) {
    return new Session(this, screen, dialogue);
  }

  public boolean isLasting() {
    return lasting;
  }

  public InputStream in() {
    return in;
  }

  /// Where answers go. Its errors are told, so that a full disk is not taken for a closed pipe.
  public OutputStream out() {
    return filter == null ? out : filter;
  }

  /// The same, for an answer that is not held in memory.
  OutputStream stream() {
    streaming = true;
    return out();
  }

  /// Whether part of an answer may already be out, so that nothing else fits behind it.
  public boolean streaming() {
    return streaming;
  }

  /// Begins a command: nothing of its answer is out.
  public void begin() {
    streaming = false;
    if (lasting) {
      forget();
    }
  }

  /// What others have changed since the last command is seen.
  private void forget() {
    for (OpenDatabase open : new OpenDatabase[] {reading, writing}) {
      if (open != null) {
        open.database().refresh();
      }
    }
  }

  /// What is written from now on goes through a filter; through none with null.
  void filter(@Nullable PipeFilters lines) {
    filter = lines;
  }

  /// The filter that what is written goes through.
  Optional<PipeFilters> filter() {
    return Optional.ofNullable(filter);
  }

  /// Writes text to where answers go.
  public void print(String text) throws IOException {
    out().write(text.getBytes(StandardCharsets.UTF_8));
  }

  public PrintStream err() {
    return err;
  }

  /// Says a line on stderr. On a terminal it breaks between words, before the terminal breaks it
  /// anywhere; elsewhere it stays one line.
  public void tell(String line) {
    boolean person = terminal.err() && line.indexOf('\n') < 0;
    err.println(person ? new Paragraph(terminal.columns(), 0).words(line).toString() : line);
  }

  /// What is said of a standard output that cannot be written to.
  ///
  /// @param what was not written
  /// @throws IOException the same, if the reader went away
  public static UserError unwritten(IOException e, String what) throws IOException {
    if (ClosedPipe.is(e)) {
      throw e;
    }
    return new UserError(ExitCode.FAILED, what + ": " + e.getMessage(), e);
  }

  public Map<String, String> env() {
    return env;
  }

  public Terminal terminal() {
    return terminal;
  }

  /// The screen has another size from now on; one that is not known changes nothing.
  public void resize(int columns, int lines) {
    WindowSize.of(lines, columns).ifPresent(size -> terminal = terminal.resized(size, env));
  }

  public Clock clock() {
    return clock;
  }

  /// Asks the person a question; null where there is no answer.
  @Nullable String ask(String question) throws IOException {
    return dialogue.ask(question);
  }

  private @Nullable String askOnStreams(String question) throws IOException {
    err.print(question);
    err.flush();
    String answer =
        new BufferedReader(new InputStreamReader(in, Charset.defaultCharset())).readLine();
    if (answer == null) {
      err.println(); // Ctrl-D leaves the cursor behind the question
    }
    return answer;
  }

  Database reading(Path file, Duration busyTimeout) {
    if (!isCurrent(reading, file)) {
      OpenDatabase before = reading;
      reading = null;
      close(before);
      reading = open(Database.openReadOnly(file, busyTimeout));
      tellReplaced(before, file);
    }
    return Objects.requireNonNull(reading).database();
  }

  Database writing(Path file, Duration busyTimeout) {
    if (!isCurrent(writing, file)) {
      OpenDatabase before = writing;
      writing = null;
      close(before);
      writing = open(Database.openWritable(file, busyTimeout));
      if (!lasting) {
        ShutdownGuard.about(writing.database());
      }
      tellReplaced(before, file);
    }
    return Objects.requireNonNull(writing).database();
  }

  private boolean isCurrent(@Nullable OpenDatabase open, Path file) {
    return open != null && open.isOf(file) && (!lasting || open.isStillThere());
  }

  private OpenDatabase open(Database database) {
    return lasting
        ? OpenDatabase.watched(database.interruptible())
        : OpenDatabase.unwatched(database);
  }

  private void tellReplaced(@Nullable OpenDatabase before, Path file) {
    if (before != null && before.isOf(file)) {
      err.println("The database " + file + " was replaced; this answer is about the new one.");
    }
  }

  private static void close(@Nullable OpenDatabase open) {
    if (open != null) {
      open.database().close();
    }
  }

  /// Closes the databases; the next use opens it again.
  @Override
  public void close() {
    OpenDatabase first = reading;
    OpenDatabase second = writing;
    reading = null;
    writing = null;
    close(first);
    close(second);
  }
}
