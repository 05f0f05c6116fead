package dev.patronus.daemon;

import dev.patronus.audit.Actor;
import dev.patronus.collect.Accounting;
import dev.patronus.collect.Collector;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.config.DaemonSettings;
import dev.patronus.control.ControlSocket;
import dev.patronus.control.Reply;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.metrics.Metrics;
import dev.patronus.route.PathMetrics;
import dev.patronus.route.Router;
import dev.patronus.source.Health;
import dev.patronus.source.Source;
import dev.patronus.source.SourceUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// The collector of traffic as a process.
///
/// ```
/// sources ──▶ collector ──▶ counters file
///                 ▲              keeper ──▶ database
///                 └── ask ──── desk ◀── control socket, metrics page
/// ```
///
/// [#build] makes everything and starts nothing but the opening of files; [#run] starts it from the
/// store to the sources, waits, and stops it in reverse. [#stop] and [#reload] may be called from
/// any thread.
public final class Daemon {
  private final DaemonSettings settings;
  private final Log log;
  private final Clock clock;
  private final Metrics metrics;
  private final Systemd systemd;
  private final DaemonLock lock;
  private final Keeper keeper;
  private final PolicyCounters counters;
  private final Accounting books;
  private final Collector collector;
  private final KeeperThread keeperThread;
  private final Router router;
  private final List<SourceSupervisor> sources = new ArrayList<>();
  private final Desk desk;
  private final ControlSocket control;
  private final Optional<MetricsPage> page;
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger sourcesLeft = new AtomicInteger();
  private final Instant started;
  private volatile boolean ready;
  private volatile boolean collectorDied;
  private volatile long fedNanos;

  private Daemon(
      DaemonSettings settings,
      Map<String, String> env,
      String version,
      Log log,
      Clock clock,
      Metrics metrics,
      DaemonLock lock,
      Keeper keeper,
      PolicyCounters counters) {
    this.settings = settings;
    this.log = log;
    this.clock = clock;
    this.metrics = metrics;
    this.lock = lock;
    this.keeper = keeper;
    this.counters = counters;
    this.started = clock.instant();
    this.systemd = new Systemd(env, log);
    this.books =
        new Accounting(
            new Accounting.Settings(settings.flowTimeout(), flowLimit(), settings.countReplies()),
            counters,
            new SecureRandom().nextLong(),
            System.nanoTime(),
            metrics);
    this.collector = new Collector(books, System::nanoTime, metrics);
    this.keeperThread = new KeeperThread(keeper, log, this::feedWatchdog);
    this.router = new Router(this::latestMetrics, System::nanoTime);
    for (SourceUri uri : settings.sources()) {
      Source source = Sources.of(uri, settings, metrics, clock);
      sources.add(new SourceSupervisor(source, collector.sink(), metrics, log, this::sourceEnded));
    }
    this.desk = new Desk(database(), collector, keeperThread, router, clock, () -> status(version));
    this.control = new ControlSocket(settings.socket(), desk, metrics);
    this.page =
        settings
            .metricsListen()
            .map(address ->
                new MetricsPage(
                    address,
                    () -> Exposition.of(metrics, desk.stats().policies(), desk.caches()),
                    this::isReady));
  }

  private static int flowLimit() {
    return Accounting.Settings.flowLimit(Runtime.getRuntime().maxMemory());
  }

  /// Checks settings, lock, database and state, and builds the daemon on them.
  ///
  /// @throws UserError if it could not start
  public static Daemon build(
      DaemonSettings settings, Map<String, String> env, String version, Log log, Clock clock) {
    Metrics metrics = new Metrics();
    Actor actor = new Actor("patronus-daemon", null, "patronus-daemon/" + version);
    Keeper keeper = new Keeper(settings, actor, metrics, log, clock);
    Optional<Snapshot> newest = keeper.open();
    DaemonLock lock = DaemonLock.acquire(settings.database());
    try {
      PolicyCounters counters = openCounters(settings, keeper, newest, metrics);
      counters.complaint().ifPresent(log::warn);
      return new Daemon(settings, env, version, log, clock, metrics, lock, keeper, counters);
    } catch (IOException | IllegalArgumentException e) {
      keeper.close();
      close(lock, log);
      throw new UserError(ExitCode.FAILED, "the daemon cannot start: " + e.getMessage(), e);
    }
  }

  private static PolicyCounters openCounters(
      DaemonSettings settings, Keeper keeper, Optional<Snapshot> newest, Metrics metrics)
      throws IOException {
    Path folder = settings.stateDir();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    String name = settings.database().getFileName() + ".counters";
    return PolicyCounters.open(folder.resolve(name), keeper.identity(), newest, metrics);
  }

  /// Lets go of what [#build] opened, without a start.
  public void discard() {
    closeStore();
  }

  /// Runs until it is stopped, or until the last source that can end has ended.
  ///
  /// @return how it ended
  public ExitCode run() {
    Thread counting =
        Thread.ofPlatform()
            .name("collector")
            .uncaughtExceptionHandler((_, death) -> collectorDied(death))
            .unstarted(collector);
    try {
      counting.start();
      keeper.attach(collector, router);
      keeperThread.start();
      control.start();
      if (page.isPresent()) {
        page.get().start();
      }
    } catch (IOException | UserError e) {
      stopCounting(counting);
      closeStore();
      throw e instanceof UserError known
          ? known
          : new UserError(ExitCode.FAILED, "the daemon cannot start: " + e.getMessage(), e);
    }
    sourcesLeft.set(sources.size());
    sources.forEach(SourceSupervisor::start);
    ready = true;
    String summary = summary();
    systemd.ready(summary);
    log.info("ready: " + summary);
    awaitEnd();
    return shutDown(counting);
  }

  /// A daemon that does not count is none: it ends, and the service manager starts it again.
  private void collectorDied(Throwable death) {
    collectorDied = true;
    log.error("counting has ended by a fault of this program, and the daemon with it: " + death);
    stop();
  }

  private Map<Long, PathMetrics> latestMetrics(Set<Long> pathIds) {
    return keeperThread.ask(kept -> kept.latestMetrics(pathIds));
  }

  private String summary() {
    List<String> names = sources.stream().map(SourceSupervisor::name).toList();
    return keeper.policies().size()
        + " policies, collecting from "
        + String.join(", ", names)
        + ", control at "
        + settings.socket();
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException _) {
      log.debug("interrupted");
    }
  }

  private ExitCode shutDown(Thread counting) {
    ready = false;
    systemd.stopping();
    sources.forEach(SourceSupervisor::close);
    keeperThread.stop();
    page.ifPresent(MetricsPage::close);
    closeControl();
    stopCounting(counting);
    boolean saved = keeper.saveLast(books);
    closeStore();
    log.info(saved ? "stopped after a last snapshot" : "stopped");
    return saved && !collectorDied ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void closeControl() {
    try {
      control.close();
    } catch (IOException e) {
      log.warn("cannot remove the control socket: " + e.getMessage());
    }
  }

  private void stopCounting(Thread counting) {
    collector.stop();
    try {
      counting.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeStore() {
    keeper.close();
    try {
      counters.close();
    } catch (IOException e) {
      log.warn("cannot close the counters file: " + e.getMessage());
    }
    close(lock, log);
  }

  private static void close(DaemonLock lock, Log log) {
    try {
      lock.close();
    } catch (IOException e) {
      log.debug("cannot close the lock: " + e.getMessage());
    }
  }

  /// Asks it to stop after a last snapshot.
  public void stop() {
    end.countDown();
  }

  /// Has it read the policies again.
  public void reload() {
    systemd.reloading();
    Thread.ofVirtual().start(this::reloadNow);
  }

  private void reloadNow() {
    try {
      keeperThread.ask(kept -> {
        kept.reload();
        return true;
      });
      log.info("reloaded");
    } catch (UserError e) {
      log.warn("cannot reload: " + e.getMessage());
    }
    systemd.ready(summary());
  }

  private void sourceEnded() {
    if (sourcesLeft.decrementAndGet() == 0) {
      log.info("all sources have ended");
      stop();
    }
  }

  /// Feeds the service manager's watchdog, as long as snapshots succeed.
  private void feedWatchdog() {
    if (keeper.trouble().isEmpty() && systemd.watchdog().isPresent()) {
      long now = System.nanoTime();
      if (now - fedNanos > systemd.watchdog().get().toNanos() / 4) {
        systemd.alive();
        fedNanos = now;
      }
    }
  }

  private boolean isReady() {
    return ready
        && keeper.trouble().isEmpty()
        && sources.stream().noneMatch(source -> source.health() instanceof Health.Failed);
  }

  private String database() {
    return settings.database().toAbsolutePath().toString();
  }

  private record Totals(Snapshot snapshot, long activeFlows, PolicyTotal tunnels) {
    long packets() {
      return snapshot.unmatched().packets()
          + snapshot.policies().stream().mapToLong(PolicyTotal::packets).sum();
    }
  }

  private Reply status(String version) {
    Instant now = clock.instant();
    Totals totals =
        collector.ask(accounting ->
            new Totals(accounting.snapshot(now), accounting.liveFlows(), accounting.tunnels()));
    return new Reply.Document(
        new StatusReport()
            .process(now, started, database(), version)
            .ready(isReady())
            .keeping(keeper.lastSaved(), keeper.trouble())
            .counting(
                totals.snapshot().policies().size(),
                totals.packets(),
                totals.activeFlows(),
                totals.snapshot().unmatched(),
                totals.tunnels(),
                totals.snapshot().estimated())
            .sources(sources, metrics)
            .build());
  }
}
