package dev.patronus.history;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns cumulative readings into changes, row by row.
///
/// A counter that shows less than before was reset, never wrapped. Packets and bytes of a policy
/// begin together, so if either shows less, both count from zero.
///
/// To have a change for the first reading of a range, give it the last reading before the range and
/// leave aside what comes back.
///
/// Confined to one thread. Memory: one reading for each policy, however many rows pass. Readings of
/// one policy must come in order of time; those of different policies may be mixed.
public final class Deltas {
  private final Map<Long, Reading> before = new HashMap<>();

  /// The policy of the reading before: rows mostly come policy by policy, and then the map rests.
  private @Nullable Reading latest;

  /// The change between this reading and the previous one of the same policy.
  public Change next(Reading reading) {
    return reading.plausible()
        ? Change.of(Optional.ofNullable(replace(reading)), reading)
        : new Change.Implausible(reading);
  }

  private @Nullable Reading replace(Reading reading) {
    Reading previous = latest;
    latest = reading;
    if (previous == null || previous.policyId() == reading.policyId()) {
      return previous;
    }
    before.put(previous.policyId(), previous);
    return before.get(reading.policyId());
  }
}
