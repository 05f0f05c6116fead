package dev.patronus.daemon;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The daemon's log: one line an event.
///
/// Safe from any thread. On a pipe each line begins with its level as journald reads it (`<4>`,
/// sd-daemon(3)), and journald adds the time; on a terminal it begins with the time. What goes on
/// being wrong is said once, and once more when it is over.
public final class Log {

  /// Takes over what other rooms say through [System.Logger].
  public void takeOver() {
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
      write(level, line.getMessage());
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

  /// How much a line matters; the numbers are syslog's (RFC 5424 §6.2.1).
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
  private final boolean terminal;
  private final boolean verbose;
  private final Clock clock;
  private final Map<String, Instant> troubles = new ConcurrentHashMap<>();

  public Log(PrintStream out, boolean terminal, boolean verbose, Clock clock) {
    this.out = out;
    this.terminal = terminal;
    this.verbose = verbose;
    this.clock = clock;
  }

  public void error(String message) {
    write(Level.ERROR, message);
  }

  public void warn(String message) {
    write(Level.WARNING, message);
  }

  void info(String message) {
    write(Level.INFO, message);
  }

  void debug(String message) {
    if (verbose) {
      write(Level.DEBUG, message);
    }
  }

  /// Says that something is wrong, once until [#over].
  ///
  /// @param what names the trouble: `snapshot`, `source netflow://127.0.0.1:2055`
  void trouble(String what, String message) {
    if (troubles.putIfAbsent(what, clock.instant()) == null) {
      write(Level.WARNING, message);
    }
  }

  /// Says that a trouble is over, if there was one.
  void over(String what, String message) {
    Instant since = troubles.remove(what);
    if (since != null) {
      long seconds = since.until(clock.instant(), ChronoUnit.SECONDS);
      write(Level.NOTICE, message + " (after " + seconds + " s)");
    }
  }

  /// Whether something by this name is wrong now.
  boolean troubled(String what) {
    return troubles.containsKey(what);
  }

  private void write(Level level, String message) {
    String line = message.replace('\n', ' ').replace('\r', ' ');
    String head =
        terminal
            ? clock.instant().truncatedTo(ChronoUnit.MILLIS)
                + " "
                + level.name().toLowerCase(Locale.ROOT)
                + " "
            : "<" + level.number + ">";
    synchronized (out) {
      out.println(head + line);
      out.flush();
    }
  }
}
