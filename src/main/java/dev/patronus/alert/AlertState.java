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
/// @param judgement of the newest evaluation
public record AlertState(
    Phase phase,
    Instant since,
    boolean announced,
    Optional<Instant> lastFired,
    Judgement judgement) {

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
    Objects.requireNonNull(judgement, "judgement");
  }

  /// The state from which an evaluation announces an event again that nobody was told of.
  ///
  /// @param untold the first event that was not delivered
  public AlertState before(Event untold) {
    return switch (untold) {
      case FIRED -> new AlertState(phase, since, false, lastFired, judgement);
      case RECOVERED -> new AlertState(Phase.FIRING, since, true, lastFired, judgement);
    };
  }

  /// The state of an alert that was never evaluated.
  public static AlertState first(Instant now) {
    return new AlertState(
        Phase.OK, now, false, Optional.empty(), Judgement.unknown("not evaluated yet"));
  }

  /// A state and what it announces.
  public record Step(AlertState state, Optional<Event> event) {}

  /// The state after an evaluation.
  ///
  /// A silence keeps a firing from being announced; one that lasts is announced when the silence is
  /// over. The recovery of an announced one is announced in any case. A clock that was set back
  /// makes times begin again.
  ///
  /// @param judgement of the rule with the values of this moment
  /// @param now when it was made
  public Step next(AlertRule rule, Judgement judgement, Instant now, boolean silenced) {
    Instant began = since.isAfter(now) ? now : since;
    return switch (phase) {
      case OK ->
          judgement.exceeds()
              ? pending(rule, judgement, now, now, silenced)
              : quiet(with(Phase.OK, began, false, lastFired, judgement));
      case PENDING ->
          judgement.exceeds()
              ? pending(rule, judgement, began, now, silenced)
              : quiet(with(Phase.OK, now, false, lastFired, judgement));
      case FIRING ->
          judgement.lasts() || !judgement.known()
              ? firing(judgement, began, lastFired, silenced)
              : new Step(
                  with(Phase.OK, now, false, lastFired, judgement),
                  announced ? Optional.of(Event.RECOVERED) : Optional.empty());
    };
  }

  private Step pending(
      AlertRule rule, Judgement judgement, Instant began, Instant now, boolean silenced) {
    boolean held = Duration.between(began, now).compareTo(rule.hold()) >= 0;
    return held && cooled(rule, now)
        ? firing(judgement, now, Optional.of(now), silenced)
        : quiet(with(Phase.PENDING, began, false, lastFired, judgement));
  }

  private boolean cooled(AlertRule rule, Instant now) {
    return lastFired
        .filter(last -> !last.isAfter(now))
        .map(last -> Duration.between(last, now).compareTo(rule.cooldown()) >= 0)
        .orElse(true);
  }

  private Step firing(
      Judgement judgement, Instant began, Optional<Instant> fired, boolean silenced) {
    boolean before = phase == Phase.FIRING && announced;
    return new Step(
        with(Phase.FIRING, began, before || !silenced, fired, judgement),
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
      Judgement judgement) {
    return new AlertState(phase, since, announced, lastFired, judgement);
  }
}
