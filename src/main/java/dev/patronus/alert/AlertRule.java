package dev.patronus.alert;

import dev.patronus.policy.TrafficLimit.Relation;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/// A rule of the configuration: `busy: policy voice byte-rate > 10M for 5m`.
///
/// Immutable.
///
/// @param name letters, digits, `-`, `_` and `.`
/// @param bound the limit
/// @param clear the limit that ends the alert, in the unit of the bound: a number, or per cent of
///   the usual value; empty for the default, a tenth inside the bound
/// @param hold how long the value must be beyond the bound before the alert fires
/// @param cooldown the shortest time between two firings
/// @param text the rule as it was written, without the name
/// @param doubt why the unit of its limit is probably not what was meant; empty if it fits
public record AlertRule(
    String name,
    Subject subject,
    Relation relation,
    Bound bound,
    OptionalDouble clear,
    Duration hold,
    Duration cooldown,
    String text,
    Optional<String> doubt) {
  /// The cooldown of a rule that has none.
  public static final Duration COOLDOWN = Duration.ofMinutes(10);

  /// The part of the bound that a value must return by before the alert ends.
  private static final double HYSTERESIS = 0.1;

  public AlertRule {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(relation, "relation");
    Objects.requireNonNull(bound, "bound");
    Objects.requireNonNull(clear, "clear");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(doubt, "doubt");
    if (hold.isNegative() || cooldown.isNegative()) {
      throw new IllegalArgumentException("times must not be negative");
    }
  }

  /// Reads a rule with its name.
  ///
  /// @throws UnreadableRule that says where it cannot be read, and what can be written
  public static AlertRule parse(String text) {
    return new RuleParser(text).rule();
  }

  /// The number that the alert ends at; a value that does not exceed it any more has recovered.
  public double clearing() {
    double number =
        switch (bound) {
          case Bound.Fixed(double value) -> value;
          case Bound.OfUsual(double percent) -> percent;
        };
    return clear.orElse(
        switch (relation) {
          case MORE, AT_LEAST -> number * (1 - HYSTERESIS);
          case LESS, AT_MOST -> number * (1 + HYSTERESIS);
          case EQUAL -> number;
        });
  }

  /// The side of the limit on which the alert fires, for people: `above`.
  public String side() {
    return switch (relation) {
      case MORE -> "above";
      case AT_LEAST -> "at or above";
      case LESS -> "below";
      case AT_MOST -> "at or below";
      case EQUAL -> "at";
    };
  }

  /// Compares what was measured with the bound.
  ///
  /// @param value what was measured
  /// @param usual the usual value; asked only if the bound is a part of it
  Evaluation evaluate(Measured value, Measured usual) {
    return switch (value) {
      case Measured.Unknown(String why) -> Evaluation.unknown(why);
      case Measured.Known(double number) ->
          switch (bound) {
            case Bound.Fixed(double limit) -> evaluation(number, limit, clearing());
            case Bound.OfUsual(double percent) ->
                switch (usual) {
                  case Measured.Unknown(String why) -> Evaluation.unknown(why);
                  case Measured.Known(double mean) ->
                      evaluation(number, percent / 100 * mean, clearing() / 100 * mean);
                };
          };
    };
  }

  private Evaluation evaluation(double value, double limit, double clearing) {
    return new Evaluation(
        OptionalDouble.of(value),
        OptionalDouble.of(limit),
        relation.holds(value, limit),
        relation.holds(value, clearing),
        "");
  }
}
