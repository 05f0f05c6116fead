package dev.patronus.daemon;

import static java.util.Objects.requireNonNull;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.collect.Collector;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.config.DaemonSettings;
import dev.patronus.config.SettingsChange;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.control.answer.DiagnosticsAnswer;
import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.daemon.fleet.FleetPublisher;
import dev.patronus.daemon.metrics.Exposition;
import dev.patronus.daemon.metrics.MetricsServer;
import dev.patronus.daemon.process.DaemonLock;
import dev.patronus.daemon.process.Log;
import dev.patronus.daemon.process.PeriodicTask;
import dev.patronus.daemon.process.Systemd;
import dev.patronus.daemon.process.SystemdSockets;
import dev.patronus.daemon.snapshot.CaptureCounter;
import dev.patronus.daemon.snapshot.DatabaseWorker;
import dev.patronus.daemon.source.SourceSet;
import dev.patronus.daemon.source.SourceSupervisor;
import dev.patronus.daemon.source.StateFiles;
import dev.patronus.error.Counted;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.FileErrors;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.libc.UserGroups;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.route.PathMetrics;
import dev.patronus.route.Router;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.store.table.RoutingRows;
import dev.patronus.thread.SupervisedThread;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
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
import org.jspecify.annotations.Nullable;

/// The traffic daemon: wires sources, collector, database and control socket, and runs them as one
/// process.
///
/// ```
/// sources ──▶ accounting ──▶ counters file
///                 ▲
///             collector          database worker ──▶ database
///                 ▲                     ▲
///                 └── call ──── request handler ◀── control socket, metrics page
/// ```
///
/// [#build] creates all parts and only opens files; [#run] starts the parts in order, from the
/// store to the sources, waits, and stops them in reverse order. [#stop] and [#reload] are safe
/// from any thread.
public final class Daemon {
  /// The time that the collector may take to count the remaining records once the sources are
  /// closed.
  private static final Duration COUNT_REST_LIMIT = Duration.ofSeconds(10);

  private volatile DaemonSettings settings;
  private final Supplier<DaemonSettings> settingsReader;
  private final Log log;
  private final Clock clock;
  private final Metrics metrics;
  private final Systemd systemd;
  private final DaemonLock lock;
  private final DatabaseWorker worker;
  private final PolicyCounters counters;
  private final TrafficAccounting accounting;
  private final Collector collector;
  private final DatabaseWorkerThread workerThread;
  private final Router router;
  private final SystemdSockets sockets;
  private final SourceSet sources;
  private final PathAssigner assigner;
  private final RequestHandler handler;
  private final ControlServer control;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Semaphore reloadRequests = new Semaphore(0);
  private final Readiness readiness;
  private final PeriodicTask upkeep;
  private final Instant started;
  private Optional<MetricsServer> page;
  private volatile boolean ready;
  private boolean stepFailed;
  private @Nullable SupervisedThread reloading;
  private final FleetPublisher fleet;
  private volatile long fedNanos;
  private volatile String lastStatus = "";

  private Daemon(
      DaemonSettings settings,
      Supplier<DaemonSettings> settingsReader,
      Map<String, String> env,
      String version,
      Log log,
      Clock clock,
      Metrics metrics,
      DaemonLock lock,
      DatabaseWorker worker,
      PolicyCounters counters) {
    this.settings = settings;
    this.settingsReader = settingsReader;
    this.log = log;
    this.clock = clock;
    this.metrics = metrics;
    this.lock = lock;
    this.worker = worker;
    this.counters = counters;
    this.started = clock.instant();
    this.systemd = new Systemd(env, log);
    RoutingRows.Size size = worker.size();
    HeapPlan plan = plan(settings, size.policies(), size.paths());
    this.accounting =
        new TrafficAccounting(
            new TrafficAccounting.Settings(
                settings.flowTimeout(),
                plan.flowLimit(),
                settings.countReplies(),
                SourceSet.receivers(settings)),
            counters,
            new SecureRandom().nextLong(),
            System.nanoTime(),
            metrics);
    this.collector = new Collector(accounting, System::nanoTime, metrics);
    this.workerThread = new DatabaseWorkerThread(worker, metrics);
    this.router = new Router(this::latestMetrics, System::nanoTime);
    this.sockets = SystemdSockets.of(env, systemd, log);
    this.sources =
        new SourceSet(collector, captures(settings), metrics, log, clock, sockets, this::stop);
    sources.prepare(settings);
    this.assigner = new PathAssigner(router, collector, metrics, log);
    this.upkeep = new PeriodicTask("upkeep", metrics, this::upkeep);
    this.readiness =
        new Readiness(
            List.of(
                new Readiness.Worker("collector", collector::stepNanos),
                workerThread.worker(),
                assigner.worker(),
                new Readiness.Worker(upkeep.name(), upkeep::tickNanos)),
            sources,
            worker);
    RoutingHandler routing =
        new RoutingHandler(database(), started, collector, workerThread, router, assigner, clock);
    this.handler =
        new RequestHandler(
            database(),
            collector,
            workerThread,
            routing,
            clock,
            sources::countsPayload,
            new Authorization(() -> this.settings.roles(), version, this::recordRefusal, metrics),
            () -> status(version),
            this::templates,
            this::diagnostics);
    this.control = new ControlServer(settings.socket(), handler, metrics);
    this.page = settings.metricsListen().map(this::page);
    this.fleet =
        new FleetPublisher(
            settings.database(),
            settings.fleet(),
            worker::lastSaved,
            () -> this.settings.snapshotEvery(),
            env,
            version,
            actor(version),
            metrics,
            log,
            clock);
  }

  private void recordRefusal(Actor actor, AuditEvent event) {
    workerThread.call(each -> {
      each.recordRefusal(actor, event);
      return true;
    });
  }

  private void writeMetrics(OutputStream out) throws IOException {
    Exposition.write(
        out, metrics, handler.stats(), worker.lastSaved(), handler.caches(), worker.alerts());
  }

  private Reply templates() {
    List<SourceSupervisor> all = sources.all();
    TemplateReport report = new TemplateReport(new ListedExporters(all));
    for (SourceSupervisor source : all) {
      if (source.source() instanceof DatagramSource udp) {
        report.add(udp);
      }
    }
    return new Reply.Document(report.answer().json());
  }

  /// The metrics in Prometheus' format, and the stack of each platform thread.
  private Reply diagnostics() {
    ByteArrayOutputStream exposition = new ByteArrayOutputStream();
    try {
      writeMetrics(exposition);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    StringBuilder threads = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach((thread, stack) -> {
          threads.append(thread.getName()).append(' ').append(thread.getState()).append('\n');
          for (StackTraceElement frame : stack) {
            threads.append("  at ").append(frame).append('\n');
          }
        });
    return new Reply.Document(
        new DiagnosticsAnswer(exposition.toString(StandardCharsets.UTF_8), threads.toString())
            .json());
  }

  private CaptureCounter captures(DaemonSettings of) {
    return new CaptureCounter(
        of.stateDir(),
        () -> workerThread.call(DatabaseWorker::captureRules),
        capture -> workerThread.call(w -> w.count(capture)));
  }

  private MetricsServer page(InetSocketAddress address) {
    return new MetricsServer(
        address,
        this::writeMetrics,
        () -> readiness.stalled(System.nanoTime()),
        this::notReadyReason,
        metrics,
        log);
  }

  private static HeapPlan plan(DaemonSettings settings, long policies, long paths) {
    boolean conntrack =
        settings.sources().stream().anyMatch(source -> source instanceof SourceUri.Conntrack);
    return new HeapPlan(Runtime.getRuntime().maxMemory(), policies, paths, conntrack);
  }

  /// The heap plan for the current database size.
  private HeapPlan plan() {
    return plan(settings, worker.policies().size(), router.paths());
  }

  /// Logs a warning while the database is too large for the heap.
  private void judgeHeap() {
    HeapPlan plan = plan();
    if (plan.fits()) {
      log.over("heap", "the heap is large enough for the database again");
    } else {
      log.trouble("heap", plan.problem() + "; " + plan.remedy());
    }
  }

  /// Checks settings, lock, database and state files, and builds the daemon.
  ///
  /// @param settingsReader reads the settings again, for a reload; throws [UserError] like the
  ///   first reading
  /// @throws UserError if it could not start
  public static Daemon build(
      DaemonSettings settings,
      Supplier<DaemonSettings> settingsReader,
      Map<String, String> env,
      String version,
      Log log,
      Clock clock) {
    Metrics metrics = new Metrics();
    Actor actor = actor(version);
    requireSocket(settings);
    DatabaseWorker worker = new DatabaseWorker(settings, actor, metrics, log, clock);
    worker.open();
    DaemonLock lock = DaemonLock.acquire(settings.database());
    try {
      PolicyCounters counters = openCounters(settings, worker, metrics);
      counters.problem().ifPresent(log::warn);
      return new Daemon(
          settings, settingsReader, env, version, log, clock, metrics, lock, worker, counters);
    } catch (UserError | IllegalArgumentException e) {
      worker.close();
      close(lock, log);
      throw e instanceof UserError known
          ? known
          : new UserError(ExitCode.FAILED, "the daemon cannot start: " + e.getMessage(), e);
    } catch (IOException e) {
      worker.close();
      close(lock, log);
      throw new UserError(
          ExitCode.FAILED,
          "the daemon cannot start: cannot write state files to "
              + settings.stateDir()
              + ": "
              + FileErrors.namedReason(e)
              + "; choose another folder with --state-dir",
          e);
    }
  }

  private static Actor actor(String version) {
    return new Actor("patronus-daemon", null, "patronus-daemon/" + version);
  }

  private static PolicyCounters openCounters(
      DaemonSettings settings, DatabaseWorker worker, Metrics metrics) throws IOException {
    Path folder = settings.stateDir();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    StateFiles files = new StateFiles(folder, settings.database());
    DatabaseWorker.Start start = worker.start(files);
    String id = start.databaseId();
    return PolicyCounters.open(
        files.counters(id), files.identity(id), start.last(), start.reset(), boot(), metrics);
  }

  /// A 64-bit identifier of the current boot of the machine.
  private static long boot() throws IOException {
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    return UUID.fromString(boot).getMostSignificantBits();
  }

  /// Runs until [#stop] is called, or until the last finite source has ended.
  ///
  /// @return the exit code of the process
  public ExitCode run() {
    Thread counting = Thread.ofPlatform().name("collector").daemon().start(collector);
    try {
      worker.attach(collector, router, sources::sync, sources::exporterRates);
      workerThread.start();
      assigner.start();
      startControl();
    } catch (UserError e) {
      stopCounting(counting);
      closeStore();
      throw e;
    }
    page.ifPresent(MetricsServer::start);
    sources.start();
    sockets.releaseUnused();
    ready = true;
    upkeep.start();
    fleet.start();
    reloading = SupervisedThread.startVirtual("reload", metrics, this::reloadWhenAsked);
    String summary = summary();
    systemd.ready(summary);
    log.info("ready: " + summary);
    settings.doubleCounting().ifPresent(log::warn);
    settings.alerts().doubtfulUnits().forEach(log::warn);
    warnOfUnknownGroups();
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
        "the daemon cannot start: cannot create the control socket at "
            + settings.socket()
            + ": "
            + FileErrors.namedReason(e)
            + "; choose another path with --socket",
        e);
  }

  private Map<Long, PathMetrics> latestMetrics(Set<Long> pathIds) {
    return workerThread.call(w -> w.latestMetrics(pathIds));
  }

  private String summary() {
    return Counted.of(worker.policies().size(), "policy", "policies")
        + ", collecting from "
        + sources.names()
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
    boolean unreadable = sources.hasUnreadable();
    step("end the reload", requireNonNull(reloading)::stop);
    stepThatMayTakeTooLong("close the sources", sources::close);
    stepThatMayTakeTooLong("stop the path assignment", assigner::stop);
    boolean kept = stepThatMayTakeTooLong("stop the database's thread", workerThread::stop);
    step("stop the alert actions", worker::stopAlerts);
    step("stop the upkeep", upkeep::stop);
    step("close the metrics page", () -> usePage(Optional.empty()));
    step("close the control socket", this::closeControl);
    boolean counted = stepThatMayTakeTooLong("stop counting", () -> stopCounting(counting));
    boolean saved = kept && counted && saveLast();
    stepThatMayTakeTooLong("stop sending to the hub", fleet::stop);
    step("close the database and the counters", this::closeStore);
    step("notify the service manager", systemd::tick);
    log.info(saved ? "stopped after a last snapshot" : "stopped without a last snapshot");
    return saved && !stepFailed && !unreadable ? ExitCode.DONE : ExitCode.FAILED;
  }

  /// Runs one shutdown step; a failure is logged and does not prevent the following steps.
  private void step(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      stepFailed = true;
      log.error("cannot " + what + ": " + e + "; the stop continues");
    }
  }

  /// Runs one shutdown step that has its own time limit.
  ///
  /// @param work returns whether it finished within its limit
  private boolean stepThatMayTakeTooLong(String what, BooleanSupplier work) {
    boolean[] done = {false};
    step(what, () -> done[0] = work.getAsBoolean());
    if (!done[0]) {
      stepFailed = true;
      log.error("could not " + what + " completely; the stop continues");
    }
    return done[0];
  }

  private boolean saveLast() {
    boolean[] saved = {false};
    step("save the last snapshot", () -> saved[0] = worker.saveLast(accounting));
    return saved[0];
  }

  private void closeControl() {
    try {
      control.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @return whether all records that were handed over have been counted
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
    worker.close();
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

  /// Requests a stop after a last snapshot. Safe from any thread.
  public void stop() {
    end.countDown();
  }

  /// Requests a reload of configuration and policies; requests that are pending at the same time
  /// are combined. Safe from any thread.
  public void reload() {
    reloadRequests.release();
  }

  private void reloadWhenAsked() throws InterruptedException {
    while (ready) {
      reloadRequests.acquire();
      reloadRequests.drainPermits();
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
      reload(SettingsChange.of(settings, settingsReader.get()));
    } catch (UserError e) {
      log.warn("the previous configuration stays in force: " + e.getMessage());
    }
  }

  private void reload(SettingsChange change) {
    sources.use(change.inForce());
    sockets.releaseUnused();
    settings = change.inForce();
    fleet.use(settings.fleet());
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
      workerThread.call(w -> {
        w.use(change.inForce());
        return true;
      });
    } catch (RuntimeException e) {
      log.warn("cannot read the policies, and will retry: " + ErrorText.ofRepeated(e));
    }
    log.info(
        "reloaded: "
            + (change.taken().isEmpty()
                ? "no setting has changed"
                : String.join(", ", change.taken())));
    settings.doubleCounting().ifPresent(log::warn);
    settings.alerts().doubtfulUnits().forEach(log::warn);
    warnOfUnknownGroups();
  }

  private void warnOfUnknownGroups() {
    settings
        .roles()
        .unknownGroups(UserGroups::id)
        .forEach(
            group -> log.warn("roles: there is no group '" + group + "'; nobody has its role"));
  }

  /// Moves the metrics page to this address, or closes it; does nothing once the daemon is
  /// stopping.
  private synchronized void usePage(Optional<InetSocketAddress> address) {
    if (page.map(MetricsServer::address).equals(address) || (!ready && address.isPresent())) {
      return;
    }
    page.ifPresent(MetricsServer::close);
    page = address.map(this::page);
    page.ifPresent(MetricsServer::start);
  }

  /// Logs the counters of the sources and of the daemon.
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

  /// Maintenance that runs each second, independent of the other threads.
  private void upkeep() {
    systemd.tick();
    restoreControl();
    feedWatchdog();
    tellStatus();
    judgeHeap();
  }

  /// Binds the control socket again if another process deleted its file.
  private void restoreControl() {
    try {
      if (control.restore()) {
        log.warn(settings.socket() + " was deleted; the control socket was created there again");
      }
      log.over("control socket", "the control socket is bound again");
    } catch (IOException e) {
      log.trouble(
          "control socket",
          "the control socket "
              + settings.socket()
              + " was deleted and cannot be created again: "
              + FileErrors.namedReason(e)
              + "; it is retried");
    }
  }

  /// Sends the status line to the service manager when it has changed.
  private void tellStatus() {
    String status =
        readiness
            .unsaved(System.nanoTime())
            .map(text -> "snapshots cannot be saved: " + text)
            .or(() ->
                worker
                    .lastSaved()
                    .map(at -> summary() + ", snapshot of " + at.truncatedTo(ChronoUnit.SECONDS)))
            .orElse("");
    if (ready && !status.isEmpty() && !status.equals(lastStatus)) {
      systemd.status(status);
      lastStatus = status;
    }
  }

  /// Notifies the service manager's watchdog while all threads tick and snapshots are saved. A
  /// failed source is no reason to restart, since it is retried anyway.
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

  /// The reason why the daemon is not ready; empty if it collects from all sources and saves
  /// snapshots.
  private Optional<String> notReadyReason() {
    if (!ready) {
      return Optional.of("it starts or stops");
    }
    return readiness.notReadyReason(System.nanoTime());
  }

  private String database() {
    return settings.database().toAbsolutePath().toString();
  }

  private record Totals(Snapshot snapshot, long activeFlows, PolicyTotal tunnels) {
    long packets() {
      return snapshot.policies().stream()
          .mapToLong(PolicyTotal::packets)
          .reduce(snapshot.unmatched().packets(), Volume::saturatedSum);
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
        collector.call(accounting ->
            new Totals(accounting.snapshot(now), accounting.liveFlows(), accounting.tunnels()));
    Set<Long> saturated = totals.saturated();
    SourceReport report = new SourceReport(sources.all(), metrics);
    List<ExporterAnswer> exporters = report.exporters();
    StatusAnswer answer =
        new StatusAnswer(
            new StatusAnswer.Instance(
                now, ProcessHandle.current().pid(), version, started, database()),
            health(),
            new StatusAnswer.Snapshots(
                worker.lastSaved(), readiness.unsaved(System.nanoTime()), worker.future()),
            settings
                .metricsListen()
                .map(at -> at.getAddress().getHostAddress() + " " + at.getPort()),
            new StatusAnswer.Traffic(
                totals.snapshot().policies().size(),
                totals.packets(),
                totals.activeFlows(),
                totals.snapshot().estimated(),
                volume(totals.snapshot().unmatched()),
                volume(totals.tunnels()),
                Optional.of(
                    worker.policies().stream()
                        .filter(policy -> saturated.contains(policy.id()))
                        .map(Policy::name)
                        .toList())),
            fleet.status(),
            report.sources(),
            exporters,
            Optional.of(exporters.stream().anyMatch(each -> each.payloadBytes().orElse(false))),
            report.conntrack(),
            report.counters());
    return new Reply.Document(answer.json());
  }

  private StatusAnswer.Health health() {
    Optional<String> notReady = notReadyReason();
    HeapPlan heap = plan();
    return new StatusAnswer.Health(
        readiness.stalled(System.nanoTime()).isEmpty(),
        notReady.isEmpty(),
        notReady,
        heap.fits()
            ? Optional.empty()
            : Optional.of(new StatusAnswer.Heap(heap.problem(), heap.remedy())));
  }

  private static StatusAnswer.Volume volume(PolicyTotal total) {
    return new StatusAnswer.Volume(total.packets(), total.bytes());
  }
}
