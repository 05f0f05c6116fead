package dev.patronus.daemon.fleet;

import dev.patronus.audit.Actor;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.ErrorText;
import dev.patronus.error.UserError;
import dev.patronus.fleet.GatewayLink;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubSender;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.fleet.address.HubLogin;
import dev.patronus.metrics.Metrics;
import dev.patronus.store.Database;
import dev.patronus.store.outbox.Outbox;
import dev.patronus.thread.SupervisedThread;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Sends to the hub some seconds after each snapshot, at the latest each minute, on a thread and a
/// database connection of its own; a last time at the end. After a failure it tries again, at
/// growing intervals.
///
/// [#use], [#stop], [#status] and the gauges are safe from any thread.
public final class FleetPublisher {
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

  /// No pause is longer than so many periods of snapshots.
  private static final int PERIODS = 10;

  /// What the hub takes within this time after the last snapshot, it has before the end.
  private static final Duration LAST_LIMIT = Duration.ofSeconds(3);

  private static final Duration UNREACHED_LIMIT = Duration.ofMillis(200);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

  /// Gateways take their snapshots on the same second; they send within this part of the time to
  /// the next one.
  private static final int SPREAD = 3;

  private static final long LOOK_MILLIS = 500;
  private static final int ANSWER_SECONDS = 150;
  private static final String TROUBLE = "hub";

  private final Path database;
  private final Supplier<Optional<Instant>> lastSaved;
  private final Supplier<Duration> snapshotEvery;
  private final Map<String, String> env;
  private final String version;
  private final Actor actor;
  private final Metrics metrics;
  private final Log log;
  private final Clock clock;
  private final Random random = new Random();
  private final CountDownLatch ending = new CountDownLatch(1);
  private volatile Optional<HubAddress> address;
  private volatile boolean stopping;
  private volatile @Nullable GatewayLink link;
  private volatile View view = View.NONE;
  private @Nullable SupervisedThread thread;
  private int begun; // the epoch whose beginning was logged; confined to the thread

  /// @param sent when all had been sent that there was; null if that was never so
  /// @param waiting how many rows waited after the last attempt
  /// @param since the time of the oldest of these
  /// @param error why the last attempt failed; empty if it did not
  private record View(
      @Nullable Instant sent, int epoch, long waiting, OptionalLong since, String error) {
    static final View NONE = new View(null, 0, 0, OptionalLong.empty(), "");
  }

  /// @param lastSaved when the last snapshot was saved
  /// @param snapshotEvery how often one is
  /// @param env the variables of the process
  public FleetPublisher(
      Path database,
      Optional<HubAddress> address,
      Supplier<Optional<Instant>> lastSaved,
      Supplier<Duration> snapshotEvery,
      Map<String, String> env,
      String version,
      Actor actor,
      Metrics metrics,
      Log log,
      Clock clock) {
    this.database = database;
    this.address = address;
    this.lastSaved = lastSaved;
    this.snapshotEvery = snapshotEvery;
    this.env = Map.copyOf(env);
    this.version = version;
    this.actor = actor;
    this.metrics = metrics;
    this.log = log;
    this.clock = clock;
  }

  /// Starts the thread.
  public void start() {
    thread = SupervisedThread.startPlatform("fleet", metrics, this::work);
  }

  /// Sends to another hub from now on, or to none.
  public void use(Optional<HubAddress> changed) {
    if (!changed.equals(address)) {
      address = changed;
      view = View.NONE;
      abort();
    }
  }

  /// Ends the thread after it has sent what is new, the last snapshot too, if the hub was reached
  /// before and takes it within [#LAST_LIMIT]. What it does not take is sent by the next start.
  ///
  /// @return whether the thread has ended
  public boolean stop() {
    ending.countDown();
    if (thread == null || thread.join(view.error().isEmpty() ? LAST_LIMIT : UNREACHED_LIMIT)) {
      return true;
    }
    stopping = true;
    thread.stop();
    abort();
    return link == null // it connects, and will do nothing more
        || thread.join(STOP_LIMIT);
  }

  private void abort() {
    GatewayLink open = link;
    if (open != null) {
      open.abort();
    }
  }

  private void work() throws InterruptedException {
    try {
      while (!stopping) {
        Optional<HubAddress> hub = address;
        if (hub.isEmpty()) {
          forget();
          while (address.isEmpty()) {
            if (endsWithin(LOOK_MILLIS)) {
              return;
            }
          }
        } else if (sendTo(hub.get())) {
          return;
        }
      }
    } finally {
      closeLink();
    }
  }

  /// Ends the noting of changes, where a hub was configured before.
  private void forget() {
    closeLink();
    try (Database open = Database.openWritable(database)) {
      new Outbox(open, actor).disable(clock.instant());
    } catch (UserError e) {
      log.warn("changes for a hub are still noted, although none is configured: " + e.getMessage());
    }
  }

  /// Waits, but not beyond the beginning of the end.
  ///
  /// @return whether that has come
  private boolean endsWithin(long millis) throws InterruptedException {
    return ending.await(millis, TimeUnit.MILLISECONDS);
  }

  /// Sends to a hub until there is another one, or the end comes.
  ///
  /// @return whether it has come
  private boolean sendTo(HubAddress hub) throws InterruptedException {
    metrics.declare("fleet_rounds_failed", "fleet_rows_sent");
    metrics.gauge("fleet_rows_waiting", () -> view.waiting());
    metrics.gauge(
        "fleet_sent_timestamp_seconds",
        () -> view.sent() == null ? 0 : view.sent().getEpochSecond());
    Duration pause = first();
    while (!stopping && address.filter(hub::equals).isPresent()) {
      Duration wait = Duration.ZERO;
      boolean last = ending.getCount() == 0;
      if (last && !view.error().isEmpty()) {
        return true; // it was not reached just now
      }
      boolean kept = link != null && link.isOpen();
      try {
        wait = round(hub);
        pause = first();
      } catch (UserError e) {
        closeLink();
        if (stopping || !address.equals(Optional.of(hub))) {
          return stopping;
        }
        if (kept) {
          continue; // the hub may have closed a connection that was idle
        }
        metrics.counter("fleet_rounds_failed").increment();
        view = new View(view.sent(), view.epoch(), view.waiting(), view.since(), e.getMessage());
        log.trouble(TROUBLE, ErrorText.ofRepeated(e) + "; what is new is kept and sent later");
        wait = pause;
        pause = longer(pause);
      }
      if (last) {
        return true;
      }
      if (wait.isZero()) {
        awaitSnapshot();
      } else {
        boolean _ = endsWithin(wait.toMillis() / 2 + random.nextLong(wait.toMillis() + 1));
      }
    }
    return stopping;
  }

  private Duration first() {
    return shorter(FIRST_PAUSE, snapshotEvery.get());
  }

  private Duration longer(Duration pause) {
    Duration most = shorter(LONGEST_PAUSE, snapshotEvery.get().multipliedBy(PERIODS));
    return shorter(pause.multipliedBy(2), most);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /// Sends all that is new.
  ///
  /// @return how long to wait; zero for until there is something new
  private Duration round(HubAddress hub) {
    if (link == null) {
      link =
          new GatewayLink(
              Hub.open(HubLogin.of(hub, env), ANSWER_SECONDS), hub.gateway().orElseThrow());
      if (stopping) {
        return Duration.ZERO;
      }
    }
    HubSender.Round done;
    try (Database open = Database.openWritable(database)) {
      done = new HubSender(link, open, actor, clock, version).send(() -> stopping, this::begins);
    }
    metrics.counter("fleet_rows_sent").add(done.rows());
    if (done.refused().isEmpty()) {
      view = new View(clock.instant(), done.epoch(), done.waiting(), done.waitingSince(), "");
      log.over(TROUBLE, "the hub is reached again, and has all that is new");
      return Duration.ZERO;
    }
    String why =
        done.refused().equals("full")
            ? "the hub keeps as much of this gateway as it may; see 'patronus fleet status' there"
            : "this gateway has used up its quota on the hub";
    view = new View(view.sent(), done.epoch(), done.waiting(), done.waitingSince(), why);
    log.trouble(TROUBLE, why + "; what is new is kept and sent later");
    return Duration.ofSeconds(
        Math.clamp(done.retrySeconds(), FIRST_PAUSE.toSeconds(), LONGEST_PAUSE.toSeconds()));
  }

  private void begins(int epoch) {
    if (begun != epoch) {
      begun = epoch;
      log.info("epoch " + epoch + " of this gateway begins on the hub");
    }
  }

  /// Waits for the next snapshot, and some seconds more; not beyond the beginning of the end.
  private void awaitSnapshot() throws InterruptedException {
    Optional<Instant> seen = lastSaved.get();
    long began = System.nanoTime();
    while (lastSaved.get().equals(seen) && System.nanoTime() - began < EVERY.toNanos()) {
      if (endsWithin(LOOK_MILLIS)) {
        return;
      }
    }
    long period = Math.min(snapshotEvery.get().toMillis(), EVERY.toMillis());
    boolean _ = endsWithin(random.nextLong(1 + period / SPREAD));
  }

  private void closeLink() {
    GatewayLink open = link;
    link = null;
    if (open != null) {
      open.close();
    }
  }

  /// For the status: empty where no hub is configured.
  public Optional<StatusAnswer.Hub> status() {
    View now = view;
    return address.map(hub ->
        new StatusAnswer.Hub(
            hub.text(),
            hub.gateway().orElse(""),
            now.error().isEmpty() && now.sent() != null,
            now.epoch(),
            now.waiting(),
            Optional.ofNullable(now.sent()),
            now.since().stream().mapToObj(Instant::ofEpochSecond).findFirst(),
            Optional.of(now.error()).filter(error -> !error.isEmpty())));
  }
}
