package dev.patronus.collect;

import dev.patronus.flow.Snapshot.PolicyTotal;
import java.util.Map;

/// What a reset took out of the counters, so that it can be given back where the database refuses
/// to know of it.
///
/// Immutable.
public final class Erased {
  private final Map<Integer, CounterSlot> slots;
  private final Map<Long, PolicyTotal> saved;

  /// @param slots what each had
  /// @param saved totals of policies that had no slot yet
  Erased(Map<Integer, CounterSlot> slots, Map<Long, PolicyTotal> saved) {
    this.slots = Map.copyOf(slots);
    this.saved = Map.copyOf(saved);
  }

  Map<Integer, CounterSlot> slots() {
    return slots;
  }

  Map<Long, PolicyTotal> saved() {
    return saved;
  }

  /// The packets that were taken.
  public long packets() {
    return slots.values().stream().mapToLong(CounterSlot::packets).sum();
  }
}
