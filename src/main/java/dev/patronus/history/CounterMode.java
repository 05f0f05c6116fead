package dev.patronus.history;

/// What of a counter is shown.
public enum CounterMode {
  /// What it stood at.
  CUMULATIVE,
  /// How much came since the reading before.
  DELTA,
  /// How much came a second since the reading before.
  RATE
}
