package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Health;
import dev.patronus.source.Source;
import dev.patronus.source.SourceThread;
import dev.patronus.source.SourceUri;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/// The kernel's own accounting of the connections that this gateway tracks, as a source.
///
/// Every few seconds the whole table is read, and what each direction of a connection has carried
/// since then becomes a record; between two readings the kernel tells of connections that end, with
/// their last counters. Each entry is two flows. A packet that was fragmented counts once, put
/// together, as the kernel counts it; errors of ICMP, neighbour discovery and what the gateway
/// drops before it is confirmed are in no entry.
///
/// It talks to the kernel over netlink instead of running the `conntrack` program: that one prints
/// text, leaves out the id from some of it, never applies its `-b` to the socket of events (so
/// bursts of some hundred ends are lost, and nobody hears of it), and would be one more process to
/// watch and one more package to install. Here the size of the buffer is ours, a loss is seen at
/// once (ENOBUFS) and made good by a dump, and nothing is parsed but numbers.
///
/// It needs CAP_NET_ADMIN, and a kernel that counts and tracks; [ConntrackCheck] says what is
/// missing. It changes no setting and resets no counter. Safe from any thread; the table is read on
/// a thread of its own.
public final class ConntrackSource implements Source {
  /// How often the table is read. Connections stay in it for at least 10 s after their last packet
  /// (`nf_conntrack_tcp_timeout_close`), so each is seen after its last packet, too.
  public static final Duration READ_EVERY = Duration.ofSeconds(2);

  /// A table that takes long to read is read less often: it may take one part of so many of the
  /// time.
  private static final int SHARE_OF_TIME = 10;

  /// But so often at least, unless one is told otherwise.
  private static final Duration READ_AT_LEAST_EVERY = Duration.ofSeconds(5);

  /// How soon the table is read again after events were lost.
  private static final Duration AFTER_LOSS = Duration.ofMillis(250);

  /// How often the first reading is tried: a table that changes its size meanwhile gives no whole
  /// answer.
  private static final int BASELINE_TRIES = 10;

  /// How long it takes at most until the thread sees that it is to stop.
  private static final Duration STOPS_WITHIN = Duration.ofMillis(100);

  private final SourceThread thread = new SourceThread(new SourceUri.Conntrack().text());
  private final ConntrackTable table = new ConntrackTable();
  private final ConntrackCounts counts;
  private final InstantSource clock;
  private final Duration readEvery;
  private final Optional<Path> baseline;
  private boolean hasRun;
  private volatile boolean closing;

  /// @param baseline a file that keeps what was last seen, so that what goes by over a restart of
  ///   the program is counted, too; without one, all that is there at the start is not
  public ConntrackSource(
      Metrics metrics, InstantSource clock, Duration readEvery, Optional<Path> baseline) {
    if (readEvery.isNegative() || readEvery.isZero()) {
      throw new IllegalArgumentException("time between readings must be more than 0");
    }
    this.counts = new ConntrackCounts(name(), metrics);
    this.clock = clock;
    this.readEvery = readEvery;
    this.baseline = baseline;
  }

  @Override
  public String name() {
    return new SourceUri.Conntrack().text();
  }

  @Override
  public void start(FlowSink sink) throws IOException {
    if (!ConntrackCheck.isAvailable()) {
      throw new IOException(ConntrackCheck.NOT_AVAILABLE.toString());
    }
    if (!ConntrackCheck.countsNow()) {
      throw new IOException(ConntrackCheck.NOT_COUNTING.toString());
    }
    if (thread.health() instanceof Health.Running) {
      throw new IllegalStateException(name() + " is running already");
    }
    closing = false;
    EndEvents events = EndEvents.open();
    try {
      TableDump dump = TableDump.open();
      try {
        Accounting accounting = new Accounting(events, dump, sink);
        accounting.begin();
        thread.start(accounting::run);
      } catch (IOException | RuntimeException e) {
        dump.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      events.close();
      throw e;
    }
  }

  @Override
  public Health health() {
    return thread.health();
  }

  @Override
  public Health awaitEnd() throws InterruptedException {
    return thread.awaitEnd();
  }

  /// Reads the table for a last time, and stops.
  @Override
  public void close() {
    thread.stop(() -> closing = true);
  }

  /// One run, from start to close: what it has learned stays in the table. Confined to one thread
  /// at a time, first to that which starts the source.
  private final class Accounting {
    private final EndEvents events;
    private final TableDump dump;
    private final FlowSink sink;
    private final Optional<BaselineFile> file;
    private long readMillis = clock.millis();
    private long nextNanos;

    Accounting(EndEvents events, TableDump dump, FlowSink sink) throws IOException {
      this.events = events;
      this.dump = dump;
      this.sink = sink;
      String thisTable = baseline.isPresent() ? BaselineFile.thisTable() : "";
      this.file = baseline.map(path -> new BaselineFile(path, thisTable));
    }

    /// Takes the baseline. After a failure there is one already: what has begun meanwhile counts.
    void begin() throws IOException {
      counts.listening(events.grantedBytes());
      if (!hasRun && file.isPresent()) {
        file.get().restore(table);
      }
      for (int tries = 1; !read(!hasRun); tries++) {
        if (tries == BASELINE_TRIES) {
          throw new IOException("the connection tracking table changes its size all the time");
        }
      }
      hasRun = true;
    }

    void run() throws IOException {
      try (events;
          dump) {
        while (!closing) {
          await();
          boolean lost = drain();
          if (lost) {
            nextNanos = Math.min(nextNanos, System.nanoTime() + AFTER_LOSS.toNanos());
          }
          if (System.nanoTime() - nextNanos >= 0) {
            read(false);
          }
          sink.flush();
        }
        read(false);
      } finally {
        sink.flush();
      }
    }

    private void await() throws IOException {
      long left = Math.max(0, nextNanos - System.nanoTime());
      events.await(Duration.ofNanos(Math.min(left + 999_999, STOPS_WITHIN.toNanos())));
    }

    /// Hands on the ends that have been told.
    ///
    /// @return whether some were lost
    private boolean drain() throws IOException {
      int lost = events.drain(message -> ended(message, clock.millis()));
      counts.eventsLost(lost);
      return lost > 0;
    }

    private void ended(ConntrackMessage message, long nowMillis) {
      switch (message) {
        case ConntrackMessage.Destroyed(var entry) -> {
          counts.entry(entry);
          counts.end();
          table.destroyed(entry, readMillis, nowMillis, sink);
        }
        case ConntrackMessage.Malformed _ -> counts.malformed();
        case ConntrackMessage.Present _,
            ConntrackMessage.Done _,
            ConntrackMessage.Answer _,
            ConntrackMessage.Other _ -> {}
      }
    }

    /// Reads the whole table. Before each part of it, the ends are taken that were told until then:
    /// the part may be older than they are.
    ///
    /// @return whether the answer was whole
    private boolean read(boolean isBaseline) throws IOException {
      long beganNanos = System.nanoTime();
      long nowMillis = clock.millis();
      table.begin(isBaseline);
      boolean whole = dump.run(this::drain, message -> present(message, nowMillis));
      if (whole) {
        table.end();
        counts.dumped(table, System.nanoTime() - beganNanos);
        save();
      }
      readMillis = nowMillis;
      nextNanos = beganNanos + pause(System.nanoTime() - beganNanos);
      return whole;
    }

    private long pause(long tookNanos) {
      long share = Math.min(tookNanos * SHARE_OF_TIME, READ_AT_LEAST_EVERY.toNanos());
      return Math.max(readEvery.toNanos(), share);
    }

    private void present(ConntrackMessage message, long nowMillis) {
      switch (message) {
        case ConntrackMessage.Present(var entry) -> {
          counts.entry(entry);
          table.present(entry, readMillis, nowMillis, sink);
        }
        case ConntrackMessage.Malformed _ -> counts.malformed();
        case ConntrackMessage.Destroyed _,
            ConntrackMessage.Done _,
            ConntrackMessage.Answer _,
            ConntrackMessage.Other _ -> {}
      }
    }

    /// Keeps what was seen, after it was handed on: a crash between the two counts one reading
    /// twice rather than losing it.
    private void save() {
      if (file.isEmpty()) {
        return;
      }
      sink.flush();
      try {
        file.get().save(table);
      } catch (IOException _) {
        counts.saveFailed(); // a full disk: counting goes on
      }
    }
  }
}
