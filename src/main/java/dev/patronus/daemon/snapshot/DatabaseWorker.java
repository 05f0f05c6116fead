package dev.patronus.daemon.snapshot;

import dev.patronus.alert.AlertState;
import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.collect.Collector;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.collect.TrafficAccounting.CompiledPolicies;
import dev.patronus.collect.TunnelFilter;
import dev.patronus.config.DaemonSettings;
import dev.patronus.daemon.alert.AlertEvaluator;
import dev.patronus.daemon.process.Log;
import dev.patronus.daemon.source.StateFiles;
import dev.patronus.error.Counted;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.route.Cleared;
import dev.patronus.route.PathMetrics;
import dev.patronus.route.Router;
import dev.patronus.site.EndpointAddress;
import dev.patronus.site.GuardLevel;
import dev.patronus.store.AuditTable;
import dev.patronus.store.Database;
import dev.patronus.store.guard.Guard;
import dev.patronus.store.guard.Guards;
import dev.patronus.store.table.CaptureTable;
import dev.patronus.store.table.EndpointTable;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.PlatformFlow;
import dev.patronus.store.table.PlatformFlowTable;
import dev.patronus.store.table.PolicyTable;
import dev.patronus.store.table.RoutingRows;
import dev.patronus.store.table.SnapshotTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Performs the daemon's work on the database: saves snapshots, detects changed policies and paths,
/// and handles a database that is locked, full, missing or replaced, while the collector continues
/// to count.
///
/// Confined to the database worker's thread except for the getters at the end. Owns the database's
/// connection.
public final class DatabaseWorker implements AutoCloseable {
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final String TROUBLE = "snapshot";
  private static final String GUARDS = "guards";
  private static final String FLOWS = "platform-flows";

  private DaemonSettings settings;
  private final Actor actor;
  private final Metrics metrics;
  private final Log log;
  private final Clock clock;
  private final RetentionJob rounds;
  private final RollupJob rollups;
  private final ArchiveExpiryJob archives;
  private final AlertEvaluator alerts;

  private @Nullable Database database;
  private @Nullable Object fileKey;
  private StateFiles files;
  private String databaseId;
  private Optional<CounterState> last = Optional.empty();
  private boolean settled;
  private boolean resetInDoubt;
  private Runnable syncSources = () -> {};
  private long version;
  private SnapshotClock due;
  private RetentionClock ages;
  private long retryNanos;
  private boolean owed;
  private Collector collector;
  private Router router;
  private boolean guardsDue = true;
  private long guardsNanos;
  private Set<String> warned = Set.of();
  private List<String> endpoints = List.of();

  private volatile @Nullable Instant lastSaved;
  private volatile @Nullable Instant future;
  private volatile long savedNanos = System.nanoTime();
  private volatile Duration snapshotEvery;
  private volatile @Nullable String trouble;
  private volatile List<Policy> policies = List.of();

  /// The policies that the collector uses.
  private CompiledPolicies compiled = CompiledPolicies.NONE;

  @SuppressWarnings("NullAway.Init") // [#open] sets the rest
  public DatabaseWorker(
      DaemonSettings settings, Actor actor, Metrics metrics, Log log, Clock clock) {
    this.settings = settings;
    this.snapshotEvery = settings.snapshotEvery();
    this.actor = actor;
    this.metrics = metrics;
    metrics.declare("policy_reloads", "snapshots_saved", "snapshots_failed");
    this.log = log;
    this.clock = clock;
    this.rounds = new RetentionJob(settings.retention(), actor, metrics, log);
    this.rollups = new RollupJob(actor, log);
    this.archives = new ArchiveExpiryJob(settings.purgeExpired(), actor, metrics, log);
    this.alerts = new AlertEvaluator(settings.alerts(), settings.database(), metrics, log);
  }

  /// Opens the database.
  ///
  /// @throws UserError if it is not usable
  public void open() {
    reopen();
    Instant newest = new SnapshotTable(database()).newestStamp().orElse(Instant.EPOCH);
    due = new SnapshotClock(settings.snapshotEvery(), newest, clock.instant(), System.nanoTime());
    ages = new RetentionClock(newest, clock.instant(), System.nanoTime());
    Optional<Instant> _ = now(clock.instant(), System.nanoTime());
  }

  /// The current time, if the clock can be trusted.
  private Optional<Instant> now(Instant wall, long nanos) {
    Optional<Instant> trusted = ages.now(wall, nanos);
    due.trust(wall, trusted.isPresent());
    due.future(wall).ifPresent(this::sayFuture);
    return trusted;
  }

  private void sayFuture(Instant stamp) {
    future = stamp;
    log.trouble(
        "future",
        "the database has a snapshot of "
            + stamp
            + ", from a clock that was wrong: snapshots go on with the right time; 'patronus db"
            + " prune --future' removes what lies in the future");
  }

  /// Checks whether the rows with future stamps have been removed.
  private void lookForFuture(Instant wall) {
    if (future != null) {
      Optional<Instant> newest = new SnapshotTable(database()).newestStamp();
      if (newest.isEmpty() || !newest.get().isAfter(wall.plus(SnapshotClock.AHEAD_MAX))) {
        future = null;
        log.over("future", "the database has no snapshot with a future stamp any more");
      }
    }
  }

  /// The starting point of the counters.
  ///
  /// @param databaseId the name of the database
  /// @param last the last snapshot; empty if there is none
  /// @param reset the last reset
  public record Start(String databaseId, Optional<CounterState> last, CounterReset reset) {}

  /// Reads the starting point of the counters, and renames the state files of the database to their
  /// current names. Only for the daemon that holds the lock on the database.
  ///
  /// @throws UserError if the database is not usable
  public Start start(StateFiles state) throws IOException {
    files = state;
    SnapshotTable table = new SnapshotTable(database());
    Optional<String> known = table.databaseId();
    databaseId = known.isPresent() ? known.get() : identify(table);
    files.takeOver(databaseId);
    last = table.newest();
    settled = true;
    return new Start(databaseId, last, table.lastReset());
  }

  /// Names the database, once other programs have released their lock on it.
  private String identify(SnapshotTable table) throws IOException {
    while (true) {
      try {
        String id = table.identify(files.idAt(), actor, clock.instant());
        log.over("identity", "the database is free");
        return id;
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.BUSY) {
          throw e;
        }
        log.trouble("identity", "waiting for the database, which another program has locked");
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos()); // beside the busy timeout
      }
    }
  }

  private void reopen() {
    close();
    database = Database.openWritable(settings.database());
    fileKey = fileKey();
    version = -1;
    settled = false;
    guardsDue = true;
    rounds.forget();
    rollups.forget();
    archives.forget();
  }

  /// The database that is open.
  ///
  /// @throws UserError if it is missing and has not been replaced yet
  private Database database() {
    if (database == null) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE, "the daemon waits for its database " + settings.database());
    }
    return database;
  }

  /// The device and inode numbers; null while the file is missing.
  private @Nullable Object fileKey() {
    try {
      Path file = settings.database();
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException _) {
      return null;
    }
  }

  /// The number of policies and paths in the database now.
  ///
  /// @throws UserError if that cannot be read
  public RoutingRows.Size size() {
    return RoutingRows.size(database());
  }

  /// Loads policies and paths from the database into the collector and the router.
  ///
  /// @param sync syncs to disk what the sources wrote about counted records
  /// @param exporterRates the sampling rate of each exporter, for alerts
  /// @throws UserError if that cannot be read
  public void attach(
      Collector counting,
      Router routing,
      Runnable sync,
      Supplier<Map<String, String>> exporterRates) {
    collector = counting;
    router = routing;
    syncSources = sync;
    savedNanos = System.nanoTime();
    alerts.start(exporterRates);
    reload();
  }

  /// Reloads policies, tunnels and paths from the database if they have changed; the platform
  /// writes to it all the time.
  ///
  /// @throws UserError if they cannot be read
  public void reload() {
    long read = new PolicyTable(database()).version();
    RoutingRows rows = RoutingRows.read(database());
    List<Policy> all = rows.policies();
    List<String> ends = settings.countTunnels() ? List.of() : endpoints();
    if (!all.equals(policies) || !ends.equals(endpoints) || version < 0) {
      TunnelFilter tunnels = tunnels(ends);
      boolean replies = settings.countReplies();
      CompiledPolicies next =
          CompiledPolicies.of(all, compiled); // on this thread so that counting does not wait
      compiled =
          collector.call(accounting -> {
            accounting.countReplies(replies);
            return accounting.use(next, tunnels);
          });
      metrics.counter("policy_reloads").increment();
      log.info(Counted.of(all.size(), "policy is", "policies are") + " in force");
      policies = List.copyOf(all);
      endpoints = ends;
      warn(all);
    }
    router.update(all, rows.mesh());
    version = read;
  }

  /// Applies new settings, and reloads the policies.
  ///
  /// @throws UserError if the policies cannot be read; that is retried with the next ticks
  public void use(DaemonSettings changed) {
    if (!changed.snapshotEvery().equals(settings.snapshotEvery())) {
      due = due.every(changed.snapshotEvery(), clock.instant(), System.nanoTime());
      snapshotEvery = changed.snapshotEvery();
      savedNanos = System.nanoTime(); // the age is measured by the new period from here on
    }
    if (changed.countTunnels() != settings.countTunnels()
        || changed.countReplies() != settings.countReplies()) {
      version = -1;
    }
    settings = changed;
    guardsDue = true;
    rounds.use(changed.retention());
    archives.use(changed.purgeExpired());
    alerts.use(changed.alerts());
    reload();
  }

  /// Reads what other processes have committed to the database.
  ///
  /// @throws UserError if the database cannot be read
  public void catchUp() {
    if (new PolicyTable(database()).version() != version) {
      reload();
    }
  }

  /// The newest measurement of each of these paths.
  ///
  /// @throws UserError if the database refuses
  public Map<Long, PathMetrics> latestMetrics(Set<Long> pathIds) {
    return new PathTable(database()).of(pathIds);
  }

  /// Records in the audit trail that a user was refused.
  public void recordRefusal(Actor who, AuditEvent event) {
    new AuditTable(database()).recordRefusal(who, clock.instant(), event);
  }

  /// Removes entries from the caches, after the audit row was committed.
  ///
  /// @throws UserError if the database refuses; then nothing was removed
  public Cleared clear(AuditEvent event, Actor who, Function<Router, Cleared> clearing) {
    new AuditTable(database()).record(who, clock.instant(), event);
    return clearing.apply(router);
  }

  private List<String> endpoints() {
    return new EndpointTable(database()).addresses();
  }

  private static TunnelFilter tunnels(List<String> addresses) {
    List<TunnelFilter.End> ends = new ArrayList<>();
    for (String text : addresses) {
      EndpointAddress.parse(text)
          .ifPresent(end -> ends.add(new TunnelFilter.End(end.ip(), port(end.port()))));
    }
    return TunnelFilter.of(ends, Set.of(TunnelFilter.WIREGUARD_PORT));
  }

  private static int port(OptionalInt port) {
    return port.orElse(0);
  }

  /// Logs each policy that matches nothing because its rules cannot be read, once.
  private void warn(List<Policy> all) {
    List<String> now = new ArrayList<>();
    for (Policy policy : all) {
      if (policy.rules() instanceof Invalid(String problem)) {
        now.add("policy '" + policy.name() + "' matches nothing: " + problem);
      }
    }
    now.stream().filter(text -> !warned.contains(text)).forEach(log::warn);
    warned = Set.copyOf(now);
  }

  /// Performs what is due: a check for changed policies, a snapshot, or a retry of a failed one.
  ///
  /// @param nanos of the monotonic clock
  public void tick(long nanos) {
    Instant wall = clock.instant();
    Optional<Instant> trusted = now(wall, nanos);
    boolean isDue = due.isDue(wall, nanos);
    if (isDue) {
      owed = true;
      due.taken(wall, nanos);
    }
    if (owed && (isDue || nanos - retryNanos >= 0)) {
      save(due.stamp(wall), nanos);
    }
    if (!log.troubled(TROUBLE)) {
      watchPolicies();
      guard(nanos);
      if (rollups.tick(database(), wall, trusted, nanos)) {
        trusted.ifPresent(now -> rounds.tick(database(), now, nanos));
      }
      trusted.ifPresent(now -> archives.tick(database(), now, nanos));
    }
  }

  /// Makes the guards of the platform's deletions that are configured, once after each start,
  /// reload and replacement of the database.
  private void guard(long nanos) {
    if (!guardsDue || nanos - guardsNanos < 0) {
      return;
    }
    try {
      Guards guards = new Guards(database());
      GuardLevel level = settings.guards().orElseGet(guards::level);
      List<Guard> changed = guards.apply(actor, clock.instant(), level, settings.deletedKeep());
      guardsDue = false;
      log.over(GUARDS, "the guards are as configured");
      changed.forEach(guard ->
          log.info(
              "guard "
                  + guard.name()
                  + (guard.state() == Guard.State.MISSING ? " was added" : " was removed")));
    } catch (UserError e) {
      guardsNanos = nanos + RETRY.toNanos();
      log.trouble(GUARDS, "cannot set the guards: " + ErrorText.ofRepeated(e) + "; it is retried");
    }
  }

  private void watchPolicies() {
    try {
      catchUp();
      log.over("policies", "the policies can be read again");
    } catch (UserError | IllegalStateException | IllegalArgumentException e) {
      log.trouble("policies", "cannot read the policies: " + ErrorText.ofRepeated(e));
    }
  }

  private void save(Instant stamp, long nanos) {
    try {
      if (database == null || !Objects.equals(fileKey, fileKey())) {
        openAgain();
      }
      if (!settled) {
        settle();
      }
      if (resetInDoubt) {
        apply(new SnapshotTable(database()).lastReset());
      }
      CounterState state = collector.call(accounting -> accounting.state(stamp));
      AlertEvaluator.Round round =
          alerts.evaluate(Optional.of(database()), moment(state.snapshot(), Duration.ZERO));
      write(state, round.states(), PlatformFlows.read(collector, platformFlows()));
      alerts.accept(round);
      owed = false;
    } catch (UserError | IllegalStateException e) {
      failed(e);
      evaluateUnsaved(stamp);
      retryNanos = nanos + RETRY.toNanos();
    }
  }

  /// Evaluates the alerts while snapshots cannot be saved, which is what one of them may be about.
  private void evaluateUnsaved(Instant stamp) {
    try {
      Snapshot now = collector.call(accounting -> accounting.snapshot(stamp));
      Duration age = Duration.ofNanos(System.nanoTime() - savedNanos);
      alerts.accept(alerts.evaluate(Optional.empty(), moment(now, age)));
    } catch (IllegalStateException e) {
      log.debug("cannot evaluate the alerts: " + e.getMessage());
    }
  }

  private AlertEvaluator.Moment moment(Snapshot snapshot, Duration age) {
    return new AlertEvaluator.Moment(snapshot, last.map(CounterState::snapshot), policies, age);
  }

  private void openAgain() {
    Object before = fileKey;
    reopen();
    log.warn(
        settings.database()
            + (Objects.equals(fileKey, before)
                ? " is back; counting continues into it"
                : " was replaced; counting continues into the new one"));
    reload();
  }

  /// Continues the counters in the database that has replaced the previous one. A database with the
  /// same id, or without one, is a backup and lacks what was counted since: the counters continue
  /// unchanged. Another one has its own totals: the counters continue from those.
  private void settle() {
    SnapshotTable table = new SnapshotTable(database());
    Optional<String> id = table.databaseId();
    CounterReset reset = table.lastReset();
    Optional<CounterState> theirs = table.newest();
    if (id.isEmpty()) {
      table.identify(Optional.of(databaseId), actor, clock.instant());
    } else if (id.get().equals(databaseId)) {
      apply(reset);
    } else {
      giveTo(id.get(), theirs, reset);
    }
    last = theirs;
    table.newestStamp().ifPresent(due::found);
    settled = true;
  }

  private void giveTo(String id, Optional<CounterState> theirs, CounterReset reset) {
    Optional<CounterState> ours = last;
    databaseId = id;
    try {
      collector.call(accounting -> {
        accounting.giveTo(files.counters(id), files.identity(id), theirs, ours, reset);
        return id;
      });
    } catch (UncheckedIOException e) {
      log.warn(
          "the counters file could not be assigned to the new database: "
              + ErrorText.of(e.getCause() == null ? e : e.getCause())
              + "; if the daemon is killed, it continues from the last snapshot");
    }
  }

  /// Applies a reset that is committed in the database to the counters that have not seen it.
  private void apply(CounterReset reset) {
    collector.call(accounting -> {
      accounting.apply(reset);
      return true;
    });
    resetInDoubt = false;
  }

  /// How many flows the platform shows; none where it has no table of flows.
  private int platformFlows() {
    int wanted = settings.platformFlows();
    if (wanted == 0) {
      log.over(FLOWS, "platform-flows is off");
      return 0;
    }
    if (!PlatformFlowTable.exists(database())) {
      log.trouble(
          FLOWS,
          "platform-flows: schema version '"
              + database().schema().age()
              + "' has no table sdwan_flows; no flows are written");
      return 0;
    }
    return wanted;
  }

  private void write(
      CounterState state, Optional<Map<String, AlertState>> alertStates, List<PlatformFlow> flows) {
    syncSources.run(); // before the database says that their records are counted
    new SnapshotTable(database()).write(state, alertStates, flows, actor);
    last = Optional.of(state);
    done(state.snapshot().taken());
  }

  private void done(Instant stamp) {
    due.saved(stamp);
    lastSaved = clock.instant();
    savedNanos = System.nanoTime();
    trouble = null;
    metrics.counter("snapshots_saved").increment();
    log.over(TROUBLE, "snapshots are saved again; nothing that was counted is lost");
    lookForFuture(lastSaved);
    Duration behind = due.behind(lastSaved);
    if (behind.compareTo(settings.snapshotEvery().multipliedBy(2)) > 0) {
      log.trouble(
          "clock",
          "the clock is "
              + behind.truncatedTo(ChronoUnit.SECONDS)
              + " behind the newest snapshot; snapshots are stamped "
              + stamp
              + " until it has caught up");
    } else {
      log.over("clock", "the clock has caught up with the newest snapshot");
    }
  }

  private void failed(RuntimeException e) {
    trouble = ErrorText.ofRepeated(e);
    metrics.counter("snapshots_failed").increment();
    log.trouble(
        TROUBLE,
        "cannot save the snapshot: " + trouble + "; counting continues, and it is retried");
  }

  /// Resets counters, and writes the snapshot that shows it and the audit row.
  ///
  /// @param policyId the policy; empty for all
  /// @return how many policies were reset
  /// @throws UserError if the database refuses; then nothing was reset, and nothing will be later
  public int reset(Optional<Long> policyId, Actor who) {
    Instant now = clock.instant();
    Instant stamp = secondOf(now);
    AuditEvent event =
        new AuditEvent.StatsReset(
            policyId.map(Long::toUnsignedString).orElse("all"),
            policyId.map(this::nameOf).orElse(null));
    boolean secondIsFree = due.behind(stamp.minusSeconds(1)).compareTo(Duration.ZERO) <= 0;
    Instant before = secondIsFree ? stamp.minusSeconds(1) : stamp;
    resetInDoubt = true; // until the counters match what the database may have
    SnapshotTable.Reset done =
        new SnapshotTable(database())
            .reset(
                who,
                now,
                event,
                () -> collector.call(accounting -> planReset(accounting, policyId, before, stamp)));
    apply(done.reset());
    last = Optional.of(done.after());
    due.saved(stamp);
    lastSaved = clock.instant();
    return policyId.isPresent() ? 1 : policies.size();
  }

  /// The name of a policy in force; null if there is none.
  private @Nullable String nameOf(long policyId) {
    return policies.stream()
        .filter(policy -> policy.id() == policyId)
        .findFirst()
        .map(Policy::name)
        .orElse(null);
  }

  /// The totals before the reset, which history would otherwise lack since the last snapshot, and
  /// after it.
  private static SnapshotTable.Reset planReset(
      TrafficAccounting accounting, Optional<Long> policyId, Instant before, Instant after) {
    TrafficAccounting.PlannedReset planned =
        accounting
            .planReset(policyId, before, after)
            .orElseThrow(() ->
                new UserError(
                    ExitCode.NOT_FOUND,
                    "policy " + Long.toUnsignedString(policyId.orElseThrow()) + " not found"));
    return new SnapshotTable.Reset(planned.before(), planned.after(), planned.reset());
  }

  /// What a capture is counted with now.
  ///
  /// @throws UserError if the database cannot be read
  public CaptureCounter.Rules captureRules() {
    return new CaptureCounter.Rules(
        policies,
        tunnels(endpoints),
        CaptureReading.settings(settings.flowTimeout(), settings.countReplies()),
        new CaptureTable(database()).all());
  }

  /// Counts a capture into the history of its own time, and adds it to the counters.
  ///
  /// @throws UserError if the database refuses; [ExitCode#REFUSED] if its time is counted already
  public CaptureCounter.Outcome count(CaptureCounter.Prepared capture) {
    SnapshotTable table = new SnapshotTable(database());
    if (!settled || log.troubled(TROUBLE)) {
      return CaptureCounter.Outcome.NOT_YET;
    }
    if (!capture.isCurrent(captureRules())) {
      return CaptureCounter.Outcome.OUTDATED;
    }
    if (resetInDoubt) {
      apply(table.lastReset());
    }
    Instant now = clock.instant();
    Instant stamp = secondOf(now);
    resetInDoubt = true; // until the counters match what the database may have
    Optional<CounterState> done =
        table.count(
            capture.traffic(),
            settings.snapshotEvery(),
            actor,
            now,
            () -> {
              SnapshotTable.Present present =
                  collector.call(accounting ->
                      new SnapshotTable.Present(accounting.state(stamp), accounting.nextReset()));
              syncSources.run(); // before the database says that their records are counted
              return present;
            });
    apply(table.lastReset());
    if (done.isEmpty()) {
      return CaptureCounter.Outcome.NOT_YET;
    }
    last = done;
    due.saved(stamp);
    lastSaved = now;
    return CaptureCounter.Outcome.COUNTED;
  }

  /// Saves the last snapshot, stamped with its own second, after counting has ended.
  ///
  /// @return whether it was saved
  public boolean saveLast(TrafficAccounting accounting) {
    Instant stamp = secondOf(clock.instant());
    try {
      write(accounting.state(stamp), alerts.states(), List.of());
      return true;
    } catch (UserError e) {
      failed(e);
      log.error(
          "the last snapshot was not saved; the counters file has all of it for the next start");
      return false;
    }
  }

  /// The current second, for a snapshot between two whole periods; the second of the newest
  /// snapshot if the clock is behind it.
  private Instant secondOf(Instant instant) {
    Instant second = instant.truncatedTo(ChronoUnit.SECONDS);
    return due.behind(second).isPositive() ? due.stamp(second) : second;
  }

  /// When the last snapshot was saved by this process; empty if none was. Safe from any thread.
  public Optional<Instant> lastSaved() {
    return Optional.ofNullable(lastSaved);
  }

  /// The stamp of the newest snapshot, if a wrong clock stamped it in the future. Safe from any
  /// thread.
  public Optional<Instant> future() {
    return Optional.ofNullable(future);
  }

  /// The same by the monotonic clock; the start if none was saved. Safe from any thread.
  public long savedNanos() {
    return savedNanos;
  }

  /// How often a snapshot is due. Safe from any thread.
  public Duration snapshotEvery() {
    return snapshotEvery;
  }

  /// The reason why snapshots cannot be saved; empty if they can. Safe from any thread.
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /// The alerts as of the newest evaluation. Safe from any thread.
  public List<AlertEvaluator.View> alerts() {
    return alerts.views();
  }

  /// Ends the actions of alerts. After the worker's thread has ended.
  public void stopAlerts() {
    alerts.stop();
  }

  /// The policies in force. Safe from any thread.
  public List<Policy> policies() {
    return policies;
  }

  @Override
  public void close() {
    if (database != null) {
      try {
        database.close();
      } catch (UserError e) {
        log.debug(e.getMessage());
      }
      database = null;
    }
  }
}
