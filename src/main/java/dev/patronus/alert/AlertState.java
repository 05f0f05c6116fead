package dev.patronus.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// The state of an alert.
///
/// ```
///        exceeds                 for so long, cooldown over
///   OK ──────────▶ PENDING ────────────────────────────────▶ FIRING
///   ▲                 │ does not exceed, or unknown              │
///   └─────────────────┴──────────────────────────────────────────┘ recovered; not while unknown
/// ```
///
/// Immutable.
///
/// @param since when the phase began
/// @param announced whether the firing was announced
/// @param lastFired when it last began to fire; empty if it never did
/// @param evaluation of the newest evaluation
public record AlertState(
    Phase phase,
    Instant since,
    boolean announced,
    Optional<Instant> lastFired,
    Evaluation evaluation) {

  /// What an alert is in.
  public enum Phase {
    OK,
    /// The value is beyond the bound, but not for long enough yet.
    PENDING,
    FIRING;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What is announced.
  public enum Event {
    FIRED,
    RECOVERED
  }

  public AlertState {
    Objects.requireNonNull(phase, "phase");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(lastFired, "lastFired");
    Objects.requireNonNull(evaluation, "evaluation");
  }

  /// The state from which an evaluation announces an event again that nobody was told of.
  ///
  /// @param untold the first event that was not delivered
  public AlertState before(Event untold) {
    return switch (untold) {
      case FIRED -> new AlertState(phase, since, false, lastFired, evaluation);
      case RECOVERED -> new AlertState(Phase.FIRING, since, true, lastFired, evaluation);
    };
  }

  /// The state of an alert that was never evaluated.
  public static AlertState first(Instant now) {
    return new AlertState(
        Phase.OK, now, false, Optional.empty(), Evaluation.unknown("not evaluated yet"));
  }

  /// The same with this evaluation.
  public AlertState with(Evaluation other) {
    return new AlertState(phase, since, announced, lastFired, other);
  }

  /// A state and what it announces.
  public record Step(AlertState state, Optional<Event> event) {}

  /// The state after an evaluation.
  ///
  /// A silence keeps a firing from being announced; one that lasts is announced when the silence is
  /// over. The recovery of an announced one is announced in any case. A clock that was set back
  /// makes times begin again.
  ///
  /// @param evaluation of the rule with the values of this moment
  /// @param now when it was made
  public Step next(AlertRule rule, Evaluation evaluation, Instant now, boolean silenced) {
    Instant began = since.isAfter(now) ? now : since;
    return switch (phase) {
      case OK ->
          evaluation.exceeds()
              ? pending(rule, evaluation, now, now, silenced)
              : quiet(with(Phase.OK, began, false, lastFired, evaluation));
      case PENDING ->
          evaluation.exceeds()
              ? pending(rule, evaluation, began, now, silenced)
              : quiet(with(Phase.OK, now, false, lastFired, evaluation));
      case FIRING ->
          evaluation.lasts() || !evaluation.known()
              ? firing(evaluation, began, lastFired, silenced)
              : new Step(
                  with(Phase.OK, now, false, lastFired, evaluation),
                  announced ? Optional.of(Event.RECOVERED) : Optional.empty());
    };
  }

  private Step pending(
      AlertRule rule, Evaluation evaluation, Instant began, Instant now, boolean silenced) {
    boolean held = Duration.between(began, now).compareTo(rule.hold()) >= 0;
    return held && cooled(rule, now)
        ? firing(evaluation, now, Optional.of(now), silenced)
        : quiet(with(Phase.PENDING, began, false, lastFired, evaluation));
  }

  private boolean cooled(AlertRule rule, Instant now) {
    return lastFired
        .filter(last -> !last.isAfter(now))
        .map(last -> Duration.between(last, now).compareTo(rule.cooldown()) >= 0)
        .orElse(true);
  }

  private Step firing(
      Evaluation evaluation, Instant began, Optional<Instant> fired, boolean silenced) {
    boolean before = phase == Phase.FIRING && announced;
    return new Step(
        with(Phase.FIRING, began, before || !silenced, fired, evaluation),
        before || silenced ? Optional.empty() : Optional.of(Event.FIRED));
  }

  private static Step quiet(AlertState state) {
    return new Step(state, Optional.empty());
  }

  private static AlertState with(
      Phase phase,
      Instant since,
      boolean announced,
      Optional<Instant> lastFired,
      Evaluation evaluation) {
    return new AlertState(phase, since, announced, lastFired, evaluation);
  }
}
