package dev.patronus.daemon.process;

import dev.patronus.error.Counted;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The daemon's log: one line an event.
///
/// Safe from any thread. For the journal each line starts with its level as journald reads it
/// (`<4>`, sd-daemon(3)), and journald adds the time; everywhere else (a terminal, a file, a
/// container's output) it starts with the time and the name of the level. Control characters are
/// made visible, and long lines are shortened in the middle. A lasting problem is logged once, and
/// once more when it is over.
///
/// After [#takeOver] lines are written by a separate thread, so that callers never wait for a slow
/// reader of the output; beyond [#WAITING_MAX] queued lines they are dropped, and their number is
/// written with the next line that can be written.
public final class Log {
  /// The maximum number of characters of a line; the middle of a longer one is left out.
  static final int LINE_MAX = 2000;

  /// The maximum number of lines that are queued for writing.
  static final int WAITING_MAX = 1000;

  private static final Duration FLUSH_LIMIT = Duration.ofSeconds(1);

  /// Routes the messages of other packages, sent through [System.Logger], to this log.
  public void takeOver() {
    Thread.ofPlatform().name("log").daemon().start(this::writeAll);
    writing = true;
    Logger root = LogManager.getLogManager().getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new Relay());
  }

  private final class Relay extends Handler {
    @Override
    public void publish(LogRecord line) {
      int severity = line.getLevel().intValue();
      Level level =
          severity >= java.util.logging.Level.SEVERE.intValue()
              ? Level.ERROR
              : severity >= java.util.logging.Level.WARNING.intValue() ? Level.WARNING : Level.INFO;
      Throwable thrown = line.getThrown();
      write(level, line.getMessage() + (thrown == null ? "" : ": " + thrown));
    }

    @Override
    public void flush() {
      // each line is flushed as it is written
    }

    @Override
    public void close() {
      // the stream is the process' own
    }
  }

  /// The severity of a line; the numbers are those of syslog (RFC 5424 §6.2.1).
  enum Level {
    ERROR(3),
    WARNING(4),
    NOTICE(5),
    INFO(6),
    DEBUG(7);

    private final int number;

    Level(int number) {
      this.number = number;
    }
  }

  private final PrintStream out;
  private final boolean journal;
  private final boolean verbose;
  private final Clock clock;
  private final Map<String, Instant> troubles = new ConcurrentHashMap<>();
  private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(WAITING_MAX);
  private final AtomicInteger unwritten = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private volatile boolean writing;

  /// @param journal whether `out` is connected to the systemd journal
  public Log(PrintStream out, boolean journal, boolean verbose, Clock clock) {
    this.out = out;
    this.journal = journal;
    this.verbose = verbose;
    this.clock = clock;
  }

  public void error(String message) {
    write(Level.ERROR, message);
  }

  public void warn(String message) {
    write(Level.WARNING, message);
  }

  public void info(String message) {
    write(Level.INFO, message);
  }

  public void debug(String message) {
    if (verbose) {
      write(Level.DEBUG, message);
    }
  }

  /// Logs a lasting problem, once until [#over].
  ///
  /// @param what names the problem: `snapshot`, `source netflow://127.0.0.1:2055`
  public void trouble(String what, String message) {
    if (troubles.putIfAbsent(what, clock.instant()) == null) {
      write(Level.WARNING, message);
    }
  }

  /// Logs that a problem is over, if it was logged before.
  public void over(String what, String message) {
    Instant since = troubles.remove(what);
    if (since != null) {
      long seconds = since.until(clock.instant(), ChronoUnit.SECONDS);
      write(Level.NOTICE, message + " (after " + seconds + " s)");
    }
  }

  /// Whether a problem of this name is open.
  public boolean troubled(String what) {
    return troubles.containsKey(what);
  }

  private void write(Level level, String message) {
    String line = head(level) + visible(shortened(message));
    if (!writing) {
      print(line);
      return;
    }
    unwritten.incrementAndGet();
    if (!queue.offer(line)) {
      unwritten.decrementAndGet();
      lost.incrementAndGet();
    }
  }

  private String head(Level level) {
    return journal
        ? "<" + level.number + ">"
        : clock.instant().truncatedTo(ChronoUnit.MILLIS)
            + " "
            + level.name().toLowerCase(Locale.ROOT)
            + " ";
  }

  private static String shortened(String message) {
    int most = LINE_MAX / 2;
    int left = message.length() - 2 * most;
    return left <= 0
        ? message
        : message.substring(0, most)
            + " ["
            + left
            + " characters left out] "
            + message.substring(message.length() - most);
  }

  /// The text with each control, line-break and bidirectional-formatting character replaced by its
  /// code.
  static String visible(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (Character.getType(c)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            visible.append(c == '\n' ? " " : String.format("\\u%04x", (int) c));
        default -> visible.append(c);
      }
    }
    return visible.toString();
  }

  private void print(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  private void writeAll() {
    try {
      while (true) {
        String line = queue.take();
        int gone = lost.getAndSet(0);
        if (gone > 0) {
          print(
              head(Level.WARNING)
                  + Counted.of(gone, "line was", "lines were")
                  + " lost because the log output was not read");
        }
        print(line);
        unwritten.decrementAndGet();
      }
    } catch (InterruptedException _) {
      writing = false; // nobody does that
    }
  }

  /// Waits until all queued lines are written, at most one second.
  public void flush() {
    long end = System.nanoTime() + FLUSH_LIMIT.toNanos();
    try {
      while (unwritten.get() > 0 && System.nanoTime() - end < 0) {
        Thread.sleep(1);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
