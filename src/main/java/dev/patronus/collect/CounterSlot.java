package dev.patronus.collect;

/// What a slot of the counter file holds.
///
/// Immutable.
///
/// @param id the policy's, or what stands for the source
/// @param lastSeenMillis epoch milliseconds; 0 if never
record CounterSlot(long id, long flags, long packets, long bytes, long lastSeenMillis) {
  /// The slot belongs to a policy.
  static final long USED = 1;

  /// Some of its volume was scaled up from samples.
  static final long ESTIMATED = 2;

  /// It was reset, and no snapshot since then is known to be saved.
  static final long RESET = 4;

  /// It belongs to a source: its packets are the records of that source that were counted.
  static final long SOURCE = 8;

  boolean isSource() {
    return (flags & SOURCE) != 0;
  }

  boolean isUsed() {
    return (flags & USED) != 0;
  }
}
