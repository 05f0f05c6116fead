package dev.patronus.alert;

/// The unit of the values of a subject.
public enum Unit {
  /// A whole number of things.
  COUNT,
  BYTES,
  BYTES_PER_SECOND,
  PACKETS_PER_SECOND,
  SECONDS,
  MILLISECONDS,
  /// 0 to 100.
  PERCENT,
  /// Megabits per second.
  MEGABITS
}
