package dev.patronus.daemon.source;

import dev.patronus.collect.Collector;
import dev.patronus.config.DaemonSettings;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Health;
import dev.patronus.source.KeptSockets;
import dev.patronus.source.Source;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.Receivers;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.pcap.CaptureHistory;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The configured sources, each supervised by a [SourceSupervisor].
///
/// Safe from any thread: one lock guards the set. Owns the sources and closes them.
public final class SourceSet {
  /// The time limit for closing all sources: somewhat longer than that of one.
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(8);

  private final Collector collector;
  private final CaptureHistory history;
  private final Metrics metrics;
  private final Log log;
  private final Clock clock;
  private final Runnable onEnd;
  private final KeptSockets sockets;
  private final Map<SourceUri, SourceSupervisor> inForce = new LinkedHashMap<>();
  private final Map<SourceUri.Udp, Receivers> receivers = new HashMap<>(); // by the first one
  private boolean ended;

  /// @param history counts captures into the history of their own time
  /// @param sockets where the sockets of UDP sources come from, and stay when they are closed
  /// @param onEnd is called once, when all sources have ended
  public SourceSet(
      Collector collector,
      CaptureHistory history,
      Metrics metrics,
      Log log,
      Clock clock,
      KeptSockets sockets,
      Runnable onEnd) {
    this.collector = collector;
    this.history = history;
    this.metrics = metrics;
    this.log = log;
    this.clock = clock;
    this.onEnd = onEnd;
    this.sockets = sockets;
  }

  /// Creates the sources of the settings, and starts none.
  ///
  /// @throws UserError if the options of one are invalid
  public synchronized void prepare(DaemonSettings settings) {
    check(settings);
    useReceivers(settings);
    each(settings).forEach(uri -> add(uri, settings));
  }

  /// The sources of the settings: of an address, one for each receiver.
  private static Set<SourceUri> each(DaemonSettings settings) {
    Set<SourceUri> each = new LinkedHashSet<>();
    for (SourceUri uri : settings.sources()) {
      if (uri instanceof SourceUri.Udp udp) {
        for (int number = 1; number <= NetflowSettings.receivers(udp); number++) {
          each.add(NetflowSettings.receiver(udp, number));
        }
      } else {
        each.add(uri);
      }
    }
    return each;
  }

  /// The number of a source among the receivers of its address; 1 where there are none.
  private static int receiver(SourceUri uri) {
    return uri instanceof SourceUri.Udp udp ? udp.receiver() : 1;
  }

  /// The most receivers that an address has in these settings; at least 1.
  ///
  /// @throws UserError if the options of a source are invalid
  public static int receivers(DaemonSettings settings) {
    check(settings);
    return each(settings).stream().mapToInt(SourceSet::receiver).max().orElse(1);
  }

  private void useReceivers(DaemonSettings settings) {
    Map<SourceUri.Udp, Integer> counts = new LinkedHashMap<>();
    for (SourceUri uri : settings.sources()) {
      if (uri instanceof SourceUri.Udp udp) {
        counts.merge(
            NetflowSettings.receiver(udp, 1), NetflowSettings.receivers(udp), Integer::max);
      }
    }
    receivers.keySet().retainAll(counts.keySet());
    counts.forEach((first, count) ->
        receivers
            .computeIfAbsent(first, _ -> SourceFactory.receivers(first, count, settings.stateDir()))
            .use(count));
  }

  private Receivers receivers(SourceUri.Udp uri) {
    return Objects.requireNonNull(receivers.get(NetflowSettings.receiver(uri, 1)));
  }

  /// Checks the options of each source.
  ///
  /// @throws UserError if those of one are invalid
  public static void check(DaemonSettings settings) {
    for (SourceUri uri : settings.sources()) {
      try {
        SourceFactory.check(uri, settings);
      } catch (IllegalArgumentException e) {
        throw new UserError(ExitCode.USAGE, "source " + uri.text() + ": " + e.getMessage(), e);
      }
    }
  }

  private Optional<SourceSupervisor> add(SourceUri uri, DaemonSettings settings) {
    if (inForce.containsKey(uri)) {
      return Optional.empty();
    }
    Source source = SourceFactory.of(uri, settings, history, this::receivers, metrics, clock);
    if (source instanceof DatagramSource udp) {
      udp.keepSocketIn(sockets);
    }
    SourceSupervisor added =
        new SourceSupervisor(
            source, collector.sink(source.name(), receiver(uri) - 1), metrics, log, this::oneEnded);
    inForce.put(uri, added);
    return Optional.of(added);
  }

  public void start() {
    all().forEach(SourceSupervisor::start);
  }

  /// Closes the sources that were removed from the settings, then starts the new ones; the others
  /// are not touched.
  ///
  /// @throws UserError if the options of one are invalid; then nothing has changed
  public synchronized void use(DaemonSettings settings) {
    check(settings);
    Set<SourceUri> wanted = each(settings);
    for (SourceUri known : List.copyOf(inForce.keySet())) {
      SourceSupervisor gone = wanted.contains(known) ? null : inForce.remove(known);
      if (gone != null) {
        if (gone.source() instanceof DatagramSource udp && !isReadOn(known, wanted)) {
          udp.releaseSocket();
        }
        gone.close();
        log.info("source " + gone.name() + " is closed");
      }
    }
    useReceivers(settings);
    for (SourceSupervisor kept : inForce.values()) {
      if (kept.source() instanceof DatagramSource udp) {
        udp.use(settings.allowExporters(), settings.corrections());
      }
    }
    wanted.forEach(uri -> add(uri, settings).ifPresent(SourceSupervisor::start));
  }

  /// Whether another source takes the socket of one that is removed, as one with other options
  /// does.
  private static boolean isReadOn(SourceUri gone, Set<SourceUri> wanted) {
    return gone instanceof SourceUri.Udp udp
        && wanted.stream()
            .anyMatch(each ->
                each instanceof SourceUri.Udp other
                    && other.host().equals(udp.host())
                    && other.port() == udp.port()
                    && other.receiver() == udp.receiver());
  }

  private void oneEnded() {
    if (lastHasEnded()) {
      log.info("all sources have ended");
      onEnd.run();
    }
  }

  private synchronized boolean lastHasEnded() {
    boolean all =
        inForce.values().stream()
            .allMatch(
                s -> s.health() instanceof Health.Ended || s.health() instanceof Health.Unreadable);
    boolean first = all && !ended;
    ended |= all;
    return first;
  }

  /// Whether all sources have ended and one of them could not be read at all.
  public synchronized boolean hasUnreadable() {
    return ended
        && inForce.values().stream().anyMatch(s -> s.health() instanceof Health.Unreadable);
  }

  /// The sources in the order of the settings.
  public synchronized List<SourceSupervisor> all() {
    return new ArrayList<>(inForce.values());
  }

  /// The sampling rate that was last applied to each exporter, by source and address; the receivers
  /// of an address are one source.
  public Map<String, String> exporterRates() {
    Map<String, String> rates = new HashMap<>();
    for (SourceSupervisor source : all()) {
      if (source.source() instanceof DatagramSource udp) {
        for (ExporterStatus exporter : udp.exporters()) {
          if (exporter.rateSince() != null) {
            rates.put(udp.address() + " " + exporter.address(), exporter.rate().toString());
          }
        }
      }
    }
    return rates;
  }

  /// Whether an exporter of any source counts payload in place of IP bytes.
  public boolean countsPayload() {
    return all().stream()
        .anyMatch(each -> each.source() instanceof DatagramSource udp && udp.countsPayload());
  }

  /// Syncs to disk what the sources wrote about counted records. A failure affects only recovery
  /// after a power cut, not the snapshot.
  public void sync() {
    for (SourceSupervisor source : all()) {
      try {
        source.source().sync();
      } catch (IOException e) {
        metrics.counter("source_sync_failed", "source", source.name()).increment();
        log.debug("cannot bring the state of " + source.name() + " to the disk: " + e.getMessage());
      }
    }
  }

  /// One line that names the sources and their failures.
  public String names() {
    return String.join(", ", all().stream().map(SourceSet::named).toList());
  }

  private static String named(SourceSupervisor source) {
    return switch (source.health()) {
      case Health.Failed _, Health.Unreadable _ -> source.name() + " (fails)";
      case Health.Idle _, Health.Running _, Health.Ended _ -> source.name();
    };
  }

  /// The failure of a source that does not work; empty if all work.
  public Optional<String> notReadyReason() {
    for (SourceSupervisor source : all()) {
      switch (source.health()) {
        case Health.Failed(String reason) -> {
          return Optional.of("source " + source.name() + " fails: " + reason);
        }
        case Health.Unreadable(String reason) -> {
          return Optional.of("source " + source.name() + " cannot be read: " + reason);
        }
        case Health.Idle _, Health.Running _, Health.Ended _ -> {}
      }
    }
    return Optional.empty();
  }

  /// Closes all sources in parallel, so that a slow one does not delay the others.
  ///
  /// @return whether all are closed
  public boolean close() {
    List<SourceSupervisor> sources = all();
    List<Thread> closing = new ArrayList<>();
    for (SourceSupervisor source : sources) {
      closing.add(Thread.ofVirtual().name("close " + source.name()).start(source::close));
    }
    long end = System.nanoTime() + CLOSE_LIMIT.toNanos();
    boolean all = true;
    for (Thread each : closing) {
      all &= hasEnded(each, end - System.nanoTime());
    }
    return all && sources.stream().noneMatch(SourceSupervisor::closeFailed);
  }

  private static boolean hasEnded(Thread thread, long nanos) {
    try {
      return thread.join(Duration.ofNanos(Math.max(1, nanos)));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return !thread.isAlive();
    }
  }
}
