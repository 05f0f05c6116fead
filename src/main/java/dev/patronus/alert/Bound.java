package dev.patronus.alert;

/// What a measured value is compared with.
///
/// Immutable.
public sealed interface Bound {

  /// A number in the unit of the subject.
  record Fixed(double value) implements Bound {}

  /// A percentage of the usual value: of the median of the means of the same hour of the last
  /// [UsualTraffic#DAYS] days.
  record OfUsual(double percent) implements Bound {}
}
