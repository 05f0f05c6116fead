package dev.patronus.history;

/// How a counter is displayed.
public enum CounterMode {
  /// What it stood at.
  CUMULATIVE,
  /// How much came since the reading before.
  DELTA,
  /// How much came a second since the reading before.
  RATE
}
