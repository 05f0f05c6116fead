package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.Volume;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.source.ThreadedSource;
import dev.patronus.source.TotalsGrowth;
import dev.patronus.source.TotalsJournal;
import dev.patronus.source.TotalsJournal.Left;
import java.io.IOException;
import java.nio.file.Files;
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
/// What was last seen of each flow is kept in a [TotalsJournal], so that a restart is no gap: what
/// connections have carried while nobody looked counts with the first reading, also of those that
/// have begun meanwhile, and nothing counts twice, however the program ended. What has ended
/// meanwhile is lost with the kernel's entry. After a longer time, another boot, or in another
/// network namespace it is no restart, and all that is there is a baseline again.
///
/// It needs CAP_NET_ADMIN, and a kernel that counts and tracks; [ConntrackCheck] says what is
/// missing. It changes no setting and resets no counter. Safe from any thread; the table is read on
/// a thread of its own.
public final class ConntrackSource extends ThreadedSource {
  /// How often the table is read. Connections stay in it for at least 10 s after their last packet
  /// (`nf_conntrack_tcp_timeout_close`), so each is seen after its last packet, too.
  public static final Duration READ_EVERY = Duration.ofSeconds(2);

  /// A table that takes long to read is read less often: it may take one part of so many of the
  /// time.
  private static final int SHARE_OF_TIME = 10;

  /// The maximum interval of readings, unless configured.
  private static final Duration READ_AT_LEAST_EVERY = Duration.ofSeconds(5);

  /// How soon the table is read again after events were lost.
  private static final Duration AFTER_LOSS = Duration.ofMillis(250);

  /// How often the first reading is tried: a table that changes its size meanwhile gives no whole
  /// answer.
  private static final int BASELINE_TRIES = 10;

  /// The maximum pause after which a restart continues; after a longer one it starts with a new
  /// baseline.
  static final Duration RESTART_WITHIN = Duration.ofHours(1);

  /// How long after the kernel lost entries that is still said.
  private static final Duration LATELY = Duration.ofMinutes(5);

  /// How long it takes at most until the thread sees that it is to stop.
  private static final Duration STOPS_WITHIN = Duration.ofMillis(100);

  private final ConntrackTable table =
      new ConntrackTable(ConntrackTable.limit(Runtime.getRuntime().maxMemory()));
  private final ConntrackCounts counts;
  private final InstantSource clock;
  private final Duration readEvery;
  private final Optional<Path> file;
  private TotalsJournal journal;
  private boolean hasRun;
  private volatile boolean closing;
  private long entriesLost = ConntrackCheck.entriesLost();
  private volatile long lostNanos = System.nanoTime() - LATELY.toNanos();

  /// @param file keeps what was last seen, so that what goes by over a restart of the program is
  ///   counted, too; without one, all that is there at the start is not
  @SuppressWarnings("NullAway.Init") // a run makes the journal before anything is counted
  public ConntrackSource(
      Metrics metrics, InstantSource clock, Duration readEvery, Optional<Path> file) {
    super(new SourceUri.Conntrack());
    if (readEvery.isNegative() || readEvery.isZero()) {
      throw new IllegalArgumentException("time between readings must be more than 0");
    }
    this.counts = new ConntrackCounts(name(), metrics);
    this.clock = clock;
    this.readEvery = readEvery;
    this.file = file;
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
  public long tickNanos(long now) {
    return thread.tickNanos();
  }

  /// Whether the kernel has lost entries within the last five minutes, for lack of space.
  public boolean losesEntries() {
    return System.nanoTime() - lostNanos < LATELY.toNanos();
  }

  private void lookForLosses() {
    long lost = ConntrackCheck.entriesLost();
    if (lost > entriesLost) {
      lostNanos = System.nanoTime();
    }
    entriesLost = lost;
  }

  /// Reads the table for a last time, and stops.
  @Override
  public void close() {
    thread.stop(() -> closing = true);
    if (journal != null) {
      journal.close();
    }
  }

  /// The name of this boot's table in this network namespace.
  private static String thisTable() throws IOException {
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    return boot + " " + Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
  }

  /// Seconds since the boot: a clock that nobody sets.
  private static long uptimeSeconds() throws IOException {
    String uptime = Files.readString(Path.of("/proc/uptime"));
    return Long.parseLong(uptime, 0, uptime.indexOf('.'), 10);
  }

  /// One run, from start to close: what it has learned stays in the table and the journal. Confined
  /// to one thread at a time, first to that which starts the source.
  private final class Accounting implements TotalsGrowth {
    private final EndEvents events;
    private final TableDump dump;
    private long readMillis = clock.millis();
    private long nextNanos;

    Accounting(EndEvents events, TableDump dump, FlowSink sink) throws IOException {
      this.events = events;
      this.dump = dump;
      if (journal == null) {
        journal = new TotalsJournal(file, file.isPresent() ? thisTable() : "");
      }
      journal.to(sink, sink); // all of its records are growth
    }

    /// Takes the baseline, or goes on from what an earlier run has left. After a failure there is
    /// one already: what has begun meanwhile counts.
    void begin() throws IOException {
      counts.listening(events.grantedBytes());
      boolean goesOn = hasRun || restore();
      if (goesOn) {
        boolean _ = journal.keep(table::forEach); // before anything is handed on
      }
      for (int tries = 1; !read(!goesOn); tries++) {
        if (tries == BASELINE_TRIES) {
          throw new IOException("the connection tracking table keeps changing its size");
        }
      }
      hasRun = true;
    }

    /// @return whether what an earlier run has left can be gone on from
    private boolean restore() throws IOException {
      Left left = journal.restore(journal.counted());
      long gone = uptimeSeconds() - left.lookedSeconds();
      boolean useful = left.whole() && gone <= RESTART_WITHIN.toSeconds();
      if (useful) {
        left.totals().forEach(table::restore);
      }
      return useful;
    }

    @Override
    public void grown(long flow, Volume total, FlowRecord record) {
      journal.grown(flow, total, record);
    }

    @Override
    public void gone(long flow) {
      journal.gone(flow);
    }

    void run() throws IOException {
      try (events;
          dump) {
        while (!closing) {
          thread.tick();
          await();
          boolean lost = drain();
          if (lost) {
            nextNanos = Math.min(nextNanos, System.nanoTime() + AFTER_LOSS.toNanos());
          }
          if (System.nanoTime() - nextNanos >= 0) {
            read(false);
          }
          journal.flush();
        }
        read(false);
      } finally {
        journal.flush();
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
          table.destroyed(entry, readMillis, nowMillis, this);
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
      lookForLosses();
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
          table.present(entry, readMillis, nowMillis, this);
        }
        case ConntrackMessage.Malformed _ -> counts.malformed();
        case ConntrackMessage.Destroyed _,
            ConntrackMessage.Done _,
            ConntrackMessage.Answer _,
            ConntrackMessage.Other _ -> {}
      }
    }

    /// Hands on what was seen, once it is in the journal.
    private void save() throws IOException {
      journal.looked(uptimeSeconds());
      journal.flush();
      if (journal.isTooLong(table.size())) {
        boolean _ = journal.keep(table::forEach);
      }
      counts.savesFailed(journal.takeFailures()); // a full disk: counting goes on
    }
  }
}
