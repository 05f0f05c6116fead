package dev.patronus.history;

import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Determines which readings a [Retention] does not need.
///
/// Counters are cumulative, so a coarser history is the same one with readings left out: of each
/// bucket the last one stays. The first reading of a policy stays too, and those on both sides of
/// each reset, so that no sum between two readings that stay is changed by those that go.
/// Implausible readings stay: they are evidence. What is older than all tiers goes, whatever it is.
/// Thinning what was thinned changes nothing.
///
/// Confined to one thread. Memory: one reading for each policy. Readings of one policy must come in
/// order of time, from its very first one on.
public final class Thinning {
  private final Retention retention;
  private final long nowSecond;
  private final Consumer<Reading> needless;
  private final Map<Duration, Buckets> buckets = new HashMap<>();
  private final Map<Long, Reading> candidates = new HashMap<>();
  private final Deltas deltas = new Deltas();

  /// @param needless is given each reading that may go, as soon as that is certain
  public Thinning(Retention retention, long nowSecond, Consumer<Reading> needless) {
    this.retention = retention;
    this.nowSecond = nowSecond;
    this.needless = needless;
  }

  /// Takes the next reading.
  public void accept(Reading reading) {
    if (retention.tier(reading.epochSecond(), nowSecond).isEmpty()) {
      needless.accept(reading);
      return;
    }
    switch (deltas.next(reading)) {
      case Change.Implausible _ -> {}
      case Change.First _ -> {}
      case Change.Delta delta -> judge(delta);
    }
  }

  /// The reading before is needless if this one continues its count in the same bucket. The first
  /// reading of a policy and the first after a reset are never candidates.
  private void judge(Change.Delta delta) {
    Reading reading = delta.reading();
    if (delta.reset()) {
      candidates.remove(reading.policyId());
      return;
    }
    Reading candidate = candidates.put(reading.policyId(), reading);
    if (candidate != null && bucket(candidate).contains(reading.epochSecond())) {
      needless.accept(candidate);
    }
  }

  private Bucket bucket(Reading reading) {
    Duration resolution = retention.resolution(reading.epochSecond(), nowSecond);
    return buckets
        .computeIfAbsent(resolution, r -> new Buckets(Step.of(r), ZoneOffset.UTC))
        .at(reading.epochSecond());
  }
}
