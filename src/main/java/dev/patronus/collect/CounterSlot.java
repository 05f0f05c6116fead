package dev.patronus.collect;

/// The content of one slot of the counter file.
///
/// Immutable.
///
/// @param id the id of the policy, or the hash of the source's name
/// @param lastSeenMillis epoch milliseconds; 0 if never
record CounterSlot(long id, long flags, long packets, long bytes, long lastSeenMillis) {
  /// The slot belongs to a policy.
  static final long USED = 1;

  /// Some of its volume was scaled up from samples.
  static final long ESTIMATED = 2;

  /// It was reset by an earlier version of the program, and no snapshot has been saved since.
  static final long RESET = 4;

  /// It belongs to a source: its packets are the records of that source that were counted, its
  /// bytes a digest over them.
  static final long SOURCE = 8;

  /// The bit from which the flags hold the number of the last reset that was applied to it.
  private static final int RESETS_SHIFT = 32;

  /// The flags with the number of the last reset that was applied to the slot.
  static long withResets(long flags, long number) {
    return (flags & (1L << RESETS_SHIFT) - 1) | number << RESETS_SHIFT;
  }

  /// The number of the last reset in flags.
  static long resets(long flags) {
    return flags >>> RESETS_SHIFT;
  }

  boolean isSource() {
    return (flags & SOURCE) != 0;
  }

  boolean isUsed() {
    return (flags & USED) != 0;
  }
}
