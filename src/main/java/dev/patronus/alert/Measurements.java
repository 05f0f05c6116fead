package dev.patronus.alert;

/// The values that rules are compared with, as they are at one moment.
public interface Measurements {

  /// The value of a subject.
  Measured value(Subject subject);

  /// The usual value of traffic at this hour.
  Measured usual(Subject.Traffic traffic);

  /// Compares a rule with these values.
  default Evaluation evaluate(AlertRule rule) {
    Measured usual =
        rule.bound() instanceof Bound.OfUsual && rule.subject() instanceof Subject.Traffic traffic
            ? usual(traffic)
            : Measured.unknown("");
    return rule.evaluate(value(rule.subject()), usual);
  }
}
