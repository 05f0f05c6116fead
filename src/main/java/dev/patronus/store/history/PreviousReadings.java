package dev.patronus.store.history;

import dev.patronus.history.Reading;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
  /// What was found for the rows of a block.
  ///
  /// Confined to one thread.
  static final class Found {
    private static final byte NONE = 0;
    private static final byte KNOWN = 1;
    private static final byte UNKNOWN = 2;

    private final byte[] kinds;
    private final long[] seconds;
    private final long[] packets;
    private final long[] bytes;

    Found(int rows) {
      kinds = new byte[rows];
      seconds = new long[rows];
      packets = new long[rows];
      bytes = new long[rows];
    }

    /// Whether what was before a row must be looked up.
    boolean isUnknown(int row) {
      return kinds[row] == UNKNOWN;
    }

    /// The plausible reading before a row, where it is not unknown; empty if there is none.
    Optional<Reading> before(int row, long policyId) {
      return kinds[row] == NONE
          ? Optional.empty()
          : Optional.of(new Reading(policyId, seconds[row], packets[row], bytes[row], 0));
    }

    private void set(int row, Policy policy) {
      kinds[row] = policy.any ? KNOWN : NONE;
      seconds[row] = policy.second;
      packets[row] = policy.packets;
      bytes[row] = policy.bytes;
    }
  }

  private final Set<Long> byArrival;
  private final Map<Long, Policy> policies = new HashMap<>();

  /// The policy of the row that passed last: each snapshot has the same policies in the same order,
  /// so that the map is rarely asked.
  private Policy current = new Policy(0, false);

  private static final class Policy {
    private final long id;
    private final boolean byArrival;
    private @Nullable Policy follower;

    /// Whether there is a latest reading, which follows.
    private boolean any;

    private long second;
    private long packets;
    private long bytes;

    Policy(long id, boolean byArrival) {
      this.id = id;
      this.byArrival = byArrival;
    }

    private void latest(Reading reading) {
      any = true;
      second = reading.epochSecond();
      packets = reading.packets();
      bytes = reading.bytes();
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
  /// @param reading plausible
  void begin(Reading reading) {
    policy(reading.policyId()).latest(reading);
  }

  /// Finds the plausible reading before one that passes now.
  ///
  /// @param earliestToCome no row that passes later has an earlier time
  /// @param into gets it
  /// @param row the place there
  void pass(Reading reading, long earliestToCome, Found into, int row) {
    Policy policy = following(reading.policyId());
    into.set(row, policy);
    if (!policy.byArrival) {
      boolean last = !policy.any || reading.epochSecond() >= policy.second;
      if (!last || reading.epochSecond() > earliestToCome) {
        into.kinds[row] = Found.UNKNOWN;
      }
      if (!last) {
        return;
      }
    }
    if (reading.plausible()) {
      policy.latest(reading);
    }
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
