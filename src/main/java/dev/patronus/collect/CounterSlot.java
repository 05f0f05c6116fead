package dev.patronus.collect;

/// What a slot of the counter file holds.
///
/// Immutable.
///
/// @param id the policy's
/// @param lastSeenMillis epoch milliseconds; 0 if never
record CounterSlot(long id, long flags, long packets, long bytes, long lastSeenMillis) {
  /// The slot belongs to a policy.
  static final long USED = 1;

  /// Some of its volume was scaled up from samples.
  static final long ESTIMATED = 2;

  /// It was reset, and no snapshot since then is known to be saved.
  static final long RESET = 4;

  boolean isUsed() {
    return (flags & USED) != 0;
  }
}
