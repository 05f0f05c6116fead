package dev.patronus.cli;

import dev.patronus.history.Change;
import dev.patronus.history.Deltas;
import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficLimit.Measure;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a policy carries, and how fast since the snapshot before.
///
/// Immutable.
///
/// @param change what came since the snapshot before; empty if there is none
record TrafficRow(PolicyTraffic traffic, Optional<Change.Delta> change) {
  /// From two neighbouring readings a rate can be told only if so much time lies between.
  static final long LEAST_SECONDS = 5;

  /// The row of a policy as it stands, compared with an earlier reading.
  static TrafficRow of(PolicyTraffic traffic, Optional<Reading> before) {
    if (before.isEmpty() || traffic.lastUpdated() == null) {
      return new TrafficRow(traffic, Optional.empty());
    }
    Reading now =
        new Reading(
            traffic.policyId(),
            traffic.lastUpdated().getEpochSecond(),
            traffic.packets(),
            traffic.bytes(),
            traffic.activeFlows());
    Deltas deltas = new Deltas();
    deltas.next(before.get());
    return new TrafficRow(
        traffic,
        deltas.next(now) instanceof Change.Delta delta ? Optional.of(delta) : Optional.empty());
  }

  OptionalDouble packetsPerSecond() {
    return change.map(Change.Delta::packetsPerSecond).orElse(OptionalDouble.empty());
  }

  OptionalDouble bytesPerSecond() {
    return change.map(Change.Delta::bytesPerSecond).orElse(OptionalDouble.empty());
  }

  /// What a limit measures of it; empty where it is not known.
  OptionalDouble measure(Measure measure, Instant now) {
    return switch (measure) {
      case PACKETS -> OptionalDouble.of((double) traffic.packets());
      case BYTES -> OptionalDouble.of((double) traffic.bytes());
      case FLOWS -> OptionalDouble.of((double) traffic.activeFlows());
      case PACKET_RATE -> packetsPerSecond();
      case BYTE_RATE -> bytesPerSecond();
      case AGE ->
          traffic.lastUpdated() == null
              ? OptionalDouble.empty()
              : OptionalDouble.of(
                  (double) Duration.between(traffic.lastUpdated(), now).toSeconds());
    };
  }
}
