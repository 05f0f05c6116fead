package dev.patronus.alert;

import java.util.Objects;
import java.util.OptionalDouble;

/// The result of comparing a rule with the values of one moment.
///
/// Immutable.
///
/// @param value what was measured; empty if that is not known
/// @param limit the bound in the unit of the value; empty if that is not known
/// @param exceeds whether the value is beyond the bound
/// @param lasts whether the value is still beyond the bound that ends the alert
/// @param why the reason why there is no value; empty if there is one
public record Evaluation(
    OptionalDouble value, OptionalDouble limit, boolean exceeds, boolean lasts, String why) {

  public Evaluation {
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(why, "why");
  }

  static Evaluation unknown(String why) {
    return new Evaluation(OptionalDouble.empty(), OptionalDouble.empty(), false, false, why);
  }

  /// The same with this limit.
  public Evaluation withLimit(double known) {
    return new Evaluation(value, OptionalDouble.of(known), exceeds, lasts, why);
  }

  /// Whether there was something to compare.
  public boolean known() {
    return value.isPresent();
  }
}
