package dev.patronus.store.history;

import dev.patronus.history.Reading;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The plausible reading before each one, of rows that pass in the order in which they were
/// written.
///
/// Before a reading is the one before it in order of time. While rows pass, that is the latest one
/// that passed, if none of those that passed is later and none that is to come is earlier; else it
/// must be looked up. For policies whose clock jumped it is the one that passed last.
///
/// Confined to one thread at a time. Memory: one reading for each policy.
final class PreviousReadings {
  /// Stands for a reading that must be looked up.
  static final Reading UNKNOWN = new Reading(0, 0, -1, -1, 0);

  private final Set<Long> byArrival;
  private final Map<Long, Policy> policies = new HashMap<>();

  /// The policy of the row that passed last: each snapshot has the same policies in the same order,
  /// so that the map is rarely asked.
  private Policy current = new Policy(0, false);

  private static final class Policy {
    private final long id;
    private final boolean byArrival;
    private @Nullable Reading latest;
    private @Nullable Policy follower;

    Policy(long id, boolean byArrival) {
      this.id = id;
      this.byArrival = byArrival;
    }
  }

  /// @param byArrival the policies whose rows are compared in the order in which they were written
  PreviousReadings(Set<Long> byArrival) {
    this.byArrival = Set.copyOf(byArrival);
  }

  boolean isByArrival(long policyId) {
    return byArrival.contains(policyId);
  }

  /// Notes the reading before the first one that passes.
  ///
  /// @param reading plausible; null if there is none
  void begin(long policyId, @Nullable Reading reading) {
    policy(policyId).latest = reading;
  }

  /// The plausible reading before one that passes now; null if there is none.
  ///
  /// @param earliestToCome no row that passes later has an earlier time
  @Nullable Reading before(Reading reading, long earliestToCome) {
    Policy policy = following(reading.policyId());
    Reading latest = policy.latest;
    if (policy.byArrival) {
      policy.latest = reading.plausible() ? reading : latest;
      return latest;
    }
    boolean last = latest == null || reading.epochSecond() >= latest.epochSecond();
    if (last && reading.plausible()) {
      policy.latest = reading;
    }
    return last && reading.epochSecond() <= earliestToCome ? latest : UNKNOWN;
  }

  private Policy following(long policyId) {
    Policy guess = current.follower;
    if (guess == null || guess.id != policyId) {
      guess = policy(policyId);
      current.follower = guess;
    }
    current = guess;
    return guess;
  }

  private Policy policy(long policyId) {
    Policy known = policies.get(policyId);
    if (known == null) {
      known = new Policy(policyId, byArrival.contains(policyId));
      policies.put(policyId, known);
    }
    return known;
  }
}
