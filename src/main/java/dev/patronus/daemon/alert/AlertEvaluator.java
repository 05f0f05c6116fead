package dev.patronus.daemon.alert;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.AlertState;
import dev.patronus.alert.AlertState.Event;
import dev.patronus.alert.AlertState.Phase;
import dev.patronus.alert.Evaluation;
import dev.patronus.config.AlertSettings;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.ErrorText;
import dev.patronus.error.UserError;
import dev.patronus.flow.Snapshot;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.notify.Action;
import dev.patronus.notify.Notice;
import dev.patronus.notify.Notifier;
import dev.patronus.policy.Policy;
import dev.patronus.store.Database;
import dev.patronus.store.table.AlertTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Evaluates the alert rules, keeps their states, and hands notices to the actions.
///
/// A round is evaluated before the snapshot is written, written with it, and in force once that is
/// committed; only then notices are sent. While no snapshot can be written, rounds are in force at
/// once, with what is known without the database.
///
/// Confined to the database worker's thread, except for [#views].
public final class AlertEvaluator {
  private static final String TROUBLE = "alerts";

  /// How long a stop waits for notices to be delivered.
  private static final Duration FLUSH = Duration.ofSeconds(5);

  private final Metrics metrics;
  private final Log log;
  private final Path database;
  private final String host = Notice.thisHost();
  private final DropCount drops;
  private final UsualCache usual = new UsualCache();
  private final BudgetCache budgets = new BudgetCache();
  private AlertSettings settings;
  private RateWatch rates = new RateWatch(Map::of);
  private List<Notifier> notifiers = List.of();
  private boolean started;
  private boolean restored;
  private Map<String, AlertState> states = Map.of();
  private Map<String, Instant> silences = Map.of();

  private volatile List<View> views = List.of();

  /// An alert as the metrics page shows it.
  public record View(String name, Phase phase, boolean silenced) {}

  /// What rules are evaluated with.
  ///
  /// @param snapshot the totals of this moment
  /// @param before the totals that rates are computed against; empty if there are none
  /// @param age the age of the newest snapshot
  public record Moment(
      Snapshot snapshot, Optional<Snapshot> before, List<Policy> policies, Duration age) {
    public Moment {
      policies = List.copyOf(policies);
    }
  }

  /// The result of one evaluation, before it is in force.
  public static final class Round {
    private final Map<String, AlertState> next;
    private final List<Notice> notices;
    private final Instant at;
    private final boolean continues;

    private Round(
        Map<String, AlertState> next, List<Notice> notices, Instant at, boolean continues) {
      this.next = next;
      this.notices = notices;
      this.at = at;
      this.continues = continues;
    }

    /// The states of all alerts, by name; empty if those of the run before could not be read, which
    /// must not be replaced.
    public Optional<Map<String, AlertState>> states() {
      return continues ? Optional.of(Collections.unmodifiableMap(next)) : Optional.empty();
    }
  }

  public AlertEvaluator(AlertSettings settings, Path database, Metrics metrics, Log log) {
    this.settings = settings;
    this.database = database;
    this.metrics = metrics;
    this.log = log;
    this.drops = new DropCount(metrics);
  }

  /// Starts the actions.
  ///
  /// @param exporterRates the sampling rate of each exporter
  public void start(Supplier<Map<String, String>> exporterRates) {
    rates = new RateWatch(exporterRates);
    started = true;
    startActions();
  }

  private void startActions() {
    List<Notice> waiting = notifiers.isEmpty() ? List.of() : undelivered(Duration.ZERO);
    notifiers = Action.of(settings).stream().map(action -> new Notifier(action, metrics)).toList();
    waiting.forEach(notice -> notifiers.forEach(notifier -> notifier.send(notice)));
    settings.problems().forEach(log::warn);
    settings.rules().forEach(rule -> fired(rule.name()));
  }

  private Counter fired(String alert) {
    return metrics.counter("alerts_fired", "alert", alert);
  }

  /// Stops all actions within a time, and gives the notices that one of them did not deliver.
  private List<Notice> undelivered(Duration within) {
    long end = System.nanoTime() + within.toNanos();
    Set<Notice> undelivered = new LinkedHashSet<>();
    for (Notifier notifier : notifiers) {
      long left = Math.max(0, end - System.nanoTime());
      undelivered.addAll(notifier.stop(Duration.ofNanos(left)));
    }
    return List.copyOf(undelivered);
  }

  /// Applies other rules and actions. An alert with the name of an earlier one keeps its state.
  public void use(AlertSettings changed) {
    boolean otherActions = !Action.of(changed).equals(Action.of(settings));
    settings = changed;
    if (started && otherActions) {
      startActions();
    }
  }

  /// Ends the actions, after an attempt to deliver what waits. What is not delivered within
  /// [#FLUSH] is announced again by the next run: the states are those from before.
  public void stop() {
    Map<String, AlertState> saved = new LinkedHashMap<>(states);
    Set<String> undone = new LinkedHashSet<>();
    for (Notice notice : undelivered(FLUSH)) {
      String name = notice.rule().name();
      if (undone.add(name) && saved.containsKey(name)) { // the first one is what nobody knows of
        saved.computeIfPresent(name, (_, state) -> state.before(notice.event()));
      }
    }
    states = saved;
    notifiers = List.of();
    if (!undone.isEmpty()) {
      log.warn(
          "notices of "
              + String.join(", ", undone)
              + " were not delivered; they are sent again after the next start");
    }
  }

  /// Evaluates all rules.
  ///
  /// @param open the database; empty if it cannot be used now
  public Round evaluate(Optional<Database> open, Moment moment) {
    Instant now = moment.snapshot().taken();
    if (settings.rules().isEmpty()) {
      return new Round(Map.of(), List.of(), now, true);
    }
    open.ifPresent(this::restore);
    MomentMeasurements measured =
        new MomentMeasurements(
            settings, moment, new DatabaseFacts(open, database, usual, budgets), drops, rates);
    Map<String, AlertState> next = new LinkedHashMap<>();
    List<Notice> notices = new ArrayList<>();
    for (AlertRule rule : settings.rules()) {
      AlertState before = states.getOrDefault(rule.name(), AlertState.first(now));
      Evaluation evaluation = measured.evaluate(rule);
      AlertState.Step step = before.next(rule, evaluation, now, isSilenced(rule, now));
      next.put(rule.name(), step.state());
      step.event().ifPresent(event -> notices.add(notice(rule, event, step.state(), now)));
    }
    return new Round(next, notices, now, restored);
  }

  private boolean isSilenced(AlertRule rule, Instant now) {
    return silences.containsKey(rule.name()) && silences.get(rule.name()).isAfter(now);
  }

  private Notice notice(AlertRule rule, Event event, AlertState state, Instant now) {
    return new Notice(rule, event, state, now, host, database.toAbsolutePath().toString(), false);
  }

  /// Reads the silences, and once the states of the run before.
  private void restore(Database open) {
    try {
      AlertTable table = new AlertTable(open);
      silences = table.silences();
      if (!restored) {
        Map<String, AlertState> read = new HashMap<>();
        table.states().forEach((name, row) -> read.put(name, row.state()));
        states = read;
        restored = true;
      }
      log.over(TROUBLE, "the states of the alerts can be read again");
    } catch (UserError e) {
      log.trouble(TROUBLE, "cannot read the states of the alerts: " + ErrorText.ofRepeated(e));
    }
  }

  /// Puts a round in force: the next one continues from it, and its notices are sent.
  public void accept(Round round) {
    states = round.next;
    drops.accept();
    rates.accept();
    Instant now = round.at;
    views =
        settings.rules().stream()
            .flatMap(rule ->
                Optional.ofNullable(states.get(rule.name())).stream()
                    .map(state -> new View(rule.name(), state.phase(), isSilenced(rule, now))))
            .toList();
    for (Notice notice : round.notices) {
      switch (notice.event()) {
        case FIRED -> {
          fired(notice.rule().name()).increment();
          log.warn(notice.sentence());
        }
        case RECOVERED -> log.info(notice.sentence());
      }
      notifiers.forEach(notifier -> notifier.send(notice));
    }
  }

  /// The states that are in force, by name; empty if those of the run before were not read yet,
  /// which must not be replaced.
  public Optional<Map<String, AlertState>> states() {
    return restored ? Optional.of(Collections.unmodifiableMap(states)) : Optional.empty();
  }

  /// The alerts as the newest round has them. Safe from any thread.
  public List<View> views() {
    return views;
  }
}
