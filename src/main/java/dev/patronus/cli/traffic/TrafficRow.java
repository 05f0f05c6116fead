package dev.patronus.cli.traffic;

import dev.patronus.history.Change;
import dev.patronus.history.Deltas;
import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.policy.TrafficNow;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What a policy carries, and how fast since an earlier reading.
///
/// Immutable. Rates are empty where there is none.
///
/// @param rateSeconds the time that the rates are of; 0 where there are none, or somebody else
///   tells
/// @param gateway whose policy it is; null for this machine's own
public record TrafficRow(
    PolicyTraffic traffic,
    OptionalDouble packetsPerSecond,
    OptionalDouble bytesPerSecond,
    long rateSeconds,
    @Nullable String gateway) {
  /// Rates are those since a reading that is at least so old: exporters report the traffic of many
  /// seconds at once, and less time would show a spike or nothing.
  static final long WINDOW_SECONDS = 60;

  /// So old is the reading at least where there is none of [#WINDOW_SECONDS].
  static final long LEAST_SECONDS = 5;

  public TrafficRow(
      PolicyTraffic traffic,
      OptionalDouble packetsPerSecond,
      OptionalDouble bytesPerSecond,
      long rateSeconds) {
    this(traffic, packetsPerSecond, bytesPerSecond, rateSeconds, null);
  }

  /// The same row of a gateway's policy.
  TrafficRow of(String name) {
    return new TrafficRow(traffic, packetsPerSecond, bytesPerSecond, rateSeconds, name);
  }

  /// The policy in messages, after its gateway.
  String who() {
    return gateway == null ? traffic.name() : gateway + ": " + traffic.name();
  }

  /// The row of a policy as it stands at an instant, compared with an earlier reading.
  static TrafficRow of(PolicyTraffic traffic, Instant at, Optional<Reading> before) {
    if (before.isEmpty()) {
      return withoutRates(traffic);
    }
    Reading now =
        new Reading(
            traffic.policyId(),
            at.getEpochSecond(),
            traffic.packets(),
            traffic.bytes(),
            traffic.activeFlows());
    Deltas deltas = new Deltas();
    deltas.next(before.get());
    return deltas.next(now) instanceof Change.Delta delta
        ? new TrafficRow(
            traffic,
            delta.packetsPerSecond(),
            delta.bytesPerSecond(),
            at.getEpochSecond() - before.get().epochSecond())
        : withoutRates(traffic);
  }

  /// The row of a policy whose rates are not known, or told by somebody else.
  public static TrafficRow withoutRates(PolicyTraffic traffic) {
    return new TrafficRow(traffic, OptionalDouble.empty(), OptionalDouble.empty(), 0);
  }

  /// What a limit measures of it; empty where it is not known.
  ///
  /// @param now the answer that it is part of
  /// @param at the instant at which ages are told
  OptionalDouble measure(Measure measure, TrafficNow now, Instant at) {
    return switch (measure) {
      case PACKETS -> OptionalDouble.of((double) traffic.packets());
      case BYTES -> OptionalDouble.of((double) traffic.bytes());
      case FLOWS -> OptionalDouble.of((double) traffic.activeFlows());
      case PACKET_RATE -> packetsPerSecond();
      case BYTE_RATE -> bytesPerSecond();
      case AGE -> number(now.ageSeconds(traffic, at));
      case IDLE ->
          now.source() == TrafficNow.Source.LIVE && traffic.lastUpdated() == null
              ? OptionalDouble.of(Double.POSITIVE_INFINITY)
              : number(now.idleSeconds(traffic));
    };
  }

  private static OptionalDouble number(OptionalLong seconds) {
    return seconds.isPresent()
        ? OptionalDouble.of((double) seconds.getAsLong())
        : OptionalDouble.empty();
  }
}
