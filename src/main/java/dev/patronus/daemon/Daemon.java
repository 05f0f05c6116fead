package dev.patronus.daemon;

import dev.patronus.audit.Actor;
import dev.patronus.collect.Collector;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.config.DaemonSettings;
import dev.patronus.config.SettingsChange;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.daemon.metrics.Exposition;
import dev.patronus.daemon.metrics.MetricsServer;
import dev.patronus.daemon.process.DaemonLock;
import dev.patronus.daemon.process.IoErrorText;
import dev.patronus.daemon.process.Log;
import dev.patronus.daemon.process.PeriodicTask;
import dev.patronus.daemon.process.Systemd;
import dev.patronus.daemon.snapshot.DatabaseWorker;
import dev.patronus.daemon.source.SourceSet;
import dev.patronus.daemon.source.StateFiles;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.route.PathMetrics;
import dev.patronus.route.Router;
import dev.patronus.source.SourceUri;
import dev.patronus.store.table.RoutingRows;
import dev.patronus.thread.SupervisedThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
  /// How long the collector may take, once the sources are closed, to count what they left.
  private static final Duration COUNT_REST_LIMIT = Duration.ofSeconds(10);

  private volatile DaemonSettings settings;
  private final Supplier<DaemonSettings> settingsAgain;
  private final Log log;
  private final Clock clock;
  private final Metrics metrics;
  private final Systemd systemd;
  private final DaemonLock lock;
  private final DatabaseWorker keeper;
  private final PolicyCounters counters;
  private final TrafficAccounting books;
  private final Collector collector;
  private final DatabaseWorkerThread keeperThread;
  private final Router router;
  private final SourceSet intake;
  private final PathAssigner placement;
  private final RequestHandler desk;
  private final ControlServer control;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Semaphore reloadsAsked = new Semaphore(0);
  private final Readiness readiness;
  private final PeriodicTask upkeep;
  private final Instant started;
  private Optional<MetricsServer> page;
  private volatile boolean ready;
  private boolean stepFailed;
  private SupervisedThread reloading;
  private volatile long fedNanos;
  private volatile String told = "";

  private Daemon(
      DaemonSettings settings,
      Supplier<DaemonSettings> settingsAgain,
      Map<String, String> env,
      String version,
      Log log,
      Clock clock,
      Metrics metrics,
      DaemonLock lock,
      DatabaseWorker keeper,
      PolicyCounters counters) {
    this.settings = settings;
    this.settingsAgain = settingsAgain;
    this.log = log;
    this.clock = clock;
    this.metrics = metrics;
    this.lock = lock;
    this.keeper = keeper;
    this.counters = counters;
    this.started = clock.instant();
    this.systemd = new Systemd(env, log);
    RoutingRows.Size size = keeper.size();
    HeapPlan plan = plan(settings, size.policies(), size.paths());
    this.books =
        new TrafficAccounting(
            new TrafficAccounting.Settings(
                settings.flowTimeout(), plan.flowLimit(), settings.countReplies()),
            counters,
            new SecureRandom().nextLong(),
            System.nanoTime(),
            metrics);
    this.collector = new Collector(books, System::nanoTime, metrics);
    this.keeperThread = new DatabaseWorkerThread(keeper, metrics);
    this.router = new Router(this::latestMetrics, System::nanoTime);
    this.intake = new SourceSet(collector, metrics, log, clock, this::stop);
    intake.prepare(settings);
    this.placement = new PathAssigner(router, collector, metrics, log);
    this.upkeep = new PeriodicTask("upkeep", metrics, this::upkeep);
    this.readiness =
        new Readiness(
            List.of(
                new Readiness.Worker("collector", collector::stepNanos),
                keeperThread.worker(),
                placement.worker(),
                new Readiness.Worker(upkeep.name(), upkeep::tickNanos)),
            intake,
            keeper);
    RoutingHandler routing =
        new RoutingHandler(database(), started, collector, keeperThread, router, placement, clock);
    this.desk =
        new RequestHandler(
            database(), collector, keeperThread, routing, clock, () -> status(version));
    this.control = new ControlServer(settings.socket(), desk, metrics);
    this.page = settings.metricsListen().map(this::page);
  }

  private MetricsServer page(InetSocketAddress address) {
    return new MetricsServer(
        address,
        out -> Exposition.write(out, metrics, desk.stats(), keeper.lastSaved(), desk.caches()),
        () -> readiness.stalled(System.nanoTime()),
        this::obstacle,
        metrics,
        log);
  }

  private static HeapPlan plan(DaemonSettings settings, long policies, long paths) {
    boolean conntrack =
        settings.sources().stream().anyMatch(source -> source instanceof SourceUri.Conntrack);
    return new HeapPlan(Runtime.getRuntime().maxMemory(), policies, paths, conntrack);
  }

  /// How the heap is shared now.
  private HeapPlan plan() {
    return plan(settings, keeper.policies().size(), router.paths());
  }

  /// Says in the log when the database has outgrown the heap.
  private void judgeHeap() {
    HeapPlan plan = plan();
    if (plan.fits()) {
      log.over("heap", "the heap holds what the database holds");
    } else {
      log.trouble("heap", plan.complaint() + "; " + plan.remedy());
    }
  }

  /// Checks settings, lock, database and state, and builds the daemon on them.
  ///
  /// @param settingsAgain reads the settings again, for a reload; throws [UserError] like the first
  ///   reading
  /// @throws UserError if it could not start
  public static Daemon build(
      DaemonSettings settings,
      Supplier<DaemonSettings> settingsAgain,
      Map<String, String> env,
      String version,
      Log log,
      Clock clock) {
    Metrics metrics = new Metrics();
    Actor actor = new Actor("patronus-daemon", null, "patronus-daemon/" + version);
    requireSocket(settings);
    DatabaseWorker keeper = new DatabaseWorker(settings, actor, metrics, log, clock);
    keeper.open();
    DaemonLock lock = DaemonLock.acquire(settings.database());
    try {
      PolicyCounters counters = openCounters(settings, keeper, metrics);
      counters.complaint().ifPresent(log::warn);
      return new Daemon(
          settings, settingsAgain, env, version, log, clock, metrics, lock, keeper, counters);
    } catch (UserError | IllegalArgumentException e) {
      keeper.close();
      close(lock, log);
      throw e instanceof UserError known
          ? known
          : new UserError(ExitCode.FAILED, "the daemon cannot start: " + e.getMessage(), e);
    } catch (IOException e) {
      keeper.close();
      close(lock, log);
      throw new UserError(
          ExitCode.FAILED,
          "the daemon cannot start: no state can be kept in "
              + settings.stateDir()
              + ": "
              + IoErrorText.reason(e)
              + "; name another folder with --state-dir",
          e);
    }
  }

  private static PolicyCounters openCounters(
      DaemonSettings settings, DatabaseWorker keeper, Metrics metrics) throws IOException {
    Path folder = settings.stateDir();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    StateFiles files = new StateFiles(folder, settings.database());
    DatabaseWorker.Start start = keeper.start(files);
    String id = start.databaseId();
    return PolicyCounters.open(
        files.counters(id), files.identity(id), start.last(), start.reset(), boot(), metrics);
  }

  /// 64 bits that stand for this boot of the machine.
  private static long boot() throws IOException {
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    return UUID.fromString(boot).getMostSignificantBits();
  }

  /// Runs until it is stopped, or until the last source that can end has ended.
  ///
  /// @return how it ended
  public ExitCode run() {
    Thread counting = Thread.ofPlatform().name("collector").daemon().start(collector);
    try {
      keeper.attach(collector, router, intake::sync);
      keeperThread.start();
      placement.start();
      startControl();
    } catch (UserError e) {
      stopCounting(counting);
      closeStore();
      throw e;
    }
    page.ifPresent(MetricsServer::start);
    intake.start();
    ready = true;
    upkeep.start();
    reloading = SupervisedThread.startVirtual("reload", metrics, this::reloadWhenAsked);
    String summary = summary();
    systemd.ready(summary);
    log.info("ready: " + summary);
    settings.doubleCounting().ifPresent(log::warn);
    awaitEnd();
    return shutDown(counting);
  }

  private void startControl() {
    try {
      control.start();
    } catch (IOException e) {
      throw noSocket(settings, e);
    }
  }

  private static void requireSocket(DaemonSettings settings) {
    try {
      ControlServer.require(settings.socket());
    } catch (IOException e) {
      throw noSocket(settings, e);
    }
  }

  private static UserError noSocket(DaemonSettings settings, IOException e) {
    return new UserError(
        ExitCode.FAILED,
        "the daemon cannot start: no control socket at "
            + settings.socket()
            + ": "
            + IoErrorText.reason(e)
            + "; name another place with --socket",
        e);
  }

  private Map<Long, PathMetrics> latestMetrics(Set<Long> pathIds) {
    return keeperThread.ask(kept -> kept.latestMetrics(pathIds));
  }

  private String summary() {
    return keeper.policies().size()
        + " policies, collecting from "
        + intake.names()
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
    step("notify the service manager", systemd::stopping);
    boolean unreadable = intake.hasEndedInVain();
    step("end the reload", reloading::stop);
    stepThatMayTakeTooLong("close the sources", intake::close);
    stepThatMayTakeTooLong("stop judging the paths", placement::stop);
    boolean kept = stepThatMayTakeTooLong("stop the database's thread", keeperThread::stop);
    step("stop the upkeep", upkeep::stop);
    step("close the metrics page", () -> usePage(Optional.empty()));
    step("close the control socket", this::closeControl);
    boolean counted = stepThatMayTakeTooLong("stop counting", () -> stopCounting(counting));
    boolean saved = kept && counted && saveLast();
    step("close the database and the counters", this::closeStore);
    step("notify the service manager", systemd::tick);
    log.info(saved ? "stopped after a last snapshot" : "stopped without a last snapshot");
    return saved && !stepFailed && !unreadable ? ExitCode.DONE : ExitCode.FAILED;
  }

  /// Takes one step of the end. What fails in it keeps no other step from being taken.
  private void step(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      stepFailed = true;
      log.error("cannot " + what + ": " + e + "; the stop goes on");
    }
  }

  /// Takes one step of the end that has a limit of its own.
  ///
  /// @param work says whether it was done within that limit
  private boolean stepThatMayTakeTooLong(String what, BooleanSupplier work) {
    boolean[] done = {false};
    step(what, () -> done[0] = work.getAsBoolean());
    if (!done[0]) {
      stepFailed = true;
      log.error("could not " + what + " completely; the stop goes on");
    }
    return done[0];
  }

  private boolean saveLast() {
    boolean[] saved = {false};
    step("save the last snapshot", () -> saved[0] = keeper.saveLast(books));
    return saved[0];
  }

  private void closeControl() {
    try {
      control.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @return whether all that was handed over is counted
  private boolean stopCounting(Thread counting) {
    collector.stop();
    try {
      return counting.join(COUNT_REST_LIMIT);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
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

  /// Has it read configuration and policies again. Many at once are as good as one.
  public void reload() {
    reloadsAsked.release();
  }

  private void reloadWhenAsked() throws InterruptedException {
    while (ready) {
      reloadsAsked.acquire();
      reloadsAsked.drainPermits();
      systemd.reloading();
      try {
        reloadNow();
      } finally {
        systemd.ready(summary());
      }
    }
  }

  private void reloadNow() {
    restoreControl();
    try {
      reload(SettingsChange.of(settings, settingsAgain.get()));
    } catch (UserError e) {
      log.warn("the configuration from before stays in force: " + e.getMessage());
    }
  }

  private void reload(SettingsChange change) {
    intake.use(change.inForce());
    settings = change.inForce();
    try {
      usePage(settings.metricsListen());
    } catch (RuntimeException e) {
      log.error("the metrics page could not be moved: " + e);
    }
    if (!change.waiting().isEmpty()) {
      log.warn(
          String.join(", ", change.waiting()) + ": changed, but takes a restart of the daemon");
    }
    try {
      keeperThread.ask(kept -> {
        kept.use(change.inForce());
        return true;
      });
    } catch (RuntimeException e) {
      log.warn("the policies are read again later: " + e.getMessage());
    }
    log.info(
        "reloaded: "
            + (change.taken().isEmpty()
                ? "no setting has changed"
                : String.join(", ", change.taken())));
    settings.doubleCounting().ifPresent(log::warn);
  }

  /// Serves the metrics page there and nowhere else; starts nothing once it stops.
  private synchronized void usePage(Optional<InetSocketAddress> address) {
    if (page.map(MetricsServer::address).equals(address) || (!ready && address.isPresent())) {
      return;
    }
    page.ifPresent(MetricsServer::close);
    page = address.map(this::page);
    page.ifPresent(MetricsServer::start);
  }

  /// Says in the log what was counted of sources and of itself.
  public void report() {
    log.info("counters: " + summary());
    for (Metrics.Reading reading : metrics.readings()) {
      if (reading.value() != 0) {
        String labels =
            new TreeMap<>(reading.series().labels())
                .entrySet().stream()
                    .map(label -> " " + label.getKey() + "=" + label.getValue())
                    .collect(Collectors.joining());
        log.info("counter " + reading.series().name() + labels + ": " + reading.value());
      }
    }
  }

  /// What is to be looked after each second, whatever the other threads do.
  private void upkeep() {
    systemd.tick();
    restoreControl();
    feedWatchdog();
    tellStatus();
    judgeHeap();
  }

  /// Binds the control socket again if its file was deleted by somebody else.
  private void restoreControl() {
    try {
      if (control.restore()) {
        log.warn(settings.socket() + " was gone; the control socket is bound there again");
      }
      log.over("control socket", "the control socket is bound again");
    } catch (IOException e) {
      log.trouble(
          "control socket",
          "the control socket "
              + settings.socket()
              + " is gone and cannot be bound again: "
              + IoErrorText.reason(e)
              + "; it is tried again");
    }
  }

  /// Tells the service manager how it goes, when that has changed.
  private void tellStatus() {
    String status =
        readiness
            .unsaved(System.nanoTime())
            .map(text -> "snapshots cannot be saved: " + text)
            .or(() ->
                keeper
                    .lastSaved()
                    .map(at -> summary() + ", snapshot of " + at.truncatedTo(ChronoUnit.SECONDS)))
            .orElse("");
    if (ready && !status.isEmpty() && !status.equals(told)) {
      systemd.status(status);
      told = status;
    }
  }

  /// Feeds the service manager's watchdog, as long as all threads tick and snapshots are saved. A
  /// source that fails is no reason to restart: it is tried again as it is.
  private void feedWatchdog() {
    long now = System.nanoTime();
    if (systemd.watchdog().isPresent()
        && readiness.stalled(now).isEmpty()
        && readiness.unsaved(now).isEmpty()) {
      if (now - fedNanos > systemd.watchdog().get().toNanos() / 4) {
        systemd.alive();
        fedNanos = now;
      }
    }
  }

  /// Why it is not ready; empty if it collects from all sources and saves.
  private Optional<String> obstacle() {
    if (!ready) {
      return Optional.of("it starts or stops");
    }
    return readiness.obstacle(System.nanoTime());
  }

  private String database() {
    return settings.database().toAbsolutePath().toString();
  }

  private record Totals(Snapshot snapshot, long activeFlows, PolicyTotal tunnels) {
    long packets() {
      return snapshot.policies().stream()
          .mapToLong(PolicyTotal::packets)
          .reduce(snapshot.unmatched().packets(), PolicyCounters::sum);
    }

    /// The policies of which packets or bytes have reached their limit.
    Set<Long> saturated() {
      return snapshot.policies().stream()
          .filter(total ->
              total.packets() == PolicyCounters.LIMIT || total.bytes() == PolicyCounters.LIMIT)
          .map(PolicyTotal::policyId)
          .collect(Collectors.toSet());
    }
  }

  private Reply status(String version) {
    Instant now = clock.instant();
    Totals totals =
        collector.ask(accounting ->
            new Totals(accounting.snapshot(now), accounting.liveFlows(), accounting.tunnels()));
    Set<Long> saturated = totals.saturated();
    return new Reply.Document(
        new StatusReport()
            .process(now, started, database(), version)
            .live(readiness.stalled(System.nanoTime()).isEmpty())
            .ready(obstacle())
            .heap(plan())
            .keeping(keeper.lastSaved(), readiness.unsaved(System.nanoTime()), keeper.future())
            .metricsListen(settings.metricsListen())
            .counting(
                totals.snapshot().policies().size(),
                totals.packets(),
                totals.activeFlows(),
                totals.snapshot().unmatched(),
                totals.tunnels(),
                totals.snapshot().estimated())
            .saturated(
                keeper.policies().stream()
                    .filter(policy -> saturated.contains(policy.id()))
                    .map(Policy::name)
                    .toList())
            .sources(intake.all(), metrics)
            .build());
  }
}
