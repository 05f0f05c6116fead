package dev.patronus.probe;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/// What a series of requests measured.
///
/// Immutable. Times are round trips in milliseconds; those without a reply are empty.
///
/// @param sent requests that were answered, or whose time is over
/// @param roundTripNanos of the requests that were answered in time, in the order of the requests
/// @param error the last error that the kernel reported for a request: `No route to host`
public record ProbeResult(int sent, List<Long> roundTripNanos, Optional<String> error) {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double PERCENTILE = 0.95;

  public ProbeResult {
    roundTripNanos = List.copyOf(roundTripNanos);
    if (roundTripNanos.size() > sent) {
      throw new IllegalArgumentException(
          roundTripNanos.size() + " replies to " + sent + " requests");
    }
  }

  /// The number of requests that were answered in time.
  public int received() {
    return roundTripNanos.size();
  }

  /// The part of the requests without a reply, 0 to 100; empty if none was sent.
  public OptionalDouble lossPercent() {
    return sent == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(100.0 * (sent - received()) / sent);
  }

  public OptionalDouble lowestMillis() {
    return millis().min();
  }

  public OptionalDouble meanMillis() {
    return millis().average();
  }

  public OptionalDouble highestMillis() {
    return millis().max();
  }

  /// The 95th percentile by nearest rank.
  public OptionalDouble percentile95Millis() {
    int rank = (int) Math.ceil(PERCENTILE * received());
    return millis().sorted().skip(Math.max(0, rank - 1)).findFirst();
  }

  /// Jitter: the standard deviation of the round trips (of the population), which is what the
  /// platform stores as `jitter_ms` and ping(8) calls `mdev`. It is not the interarrival jitter of
  /// RFC 3550, section 6.4.1, which needs the sender's clock.
  public OptionalDouble jitterMillis() {
    OptionalDouble mean = meanMillis();
    if (mean.isEmpty()) {
      return mean;
    }
    double centre = mean.getAsDouble();
    double variance =
        millis().map(each -> (each - centre) * (each - centre)).average().getAsDouble();
    return OptionalDouble.of(Math.sqrt(variance));
  }

  private DoubleStream millis() {
    return roundTripNanos.stream().mapToDouble(nanos -> nanos / NANOS_PER_MILLI);
  }
}
