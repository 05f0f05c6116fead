package dev.patronus.cli.traffic;

import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.policy.TrafficNow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What several policies carry together. Sums of damaged rows stay within 63 bits rather than turn
/// round.
public record TrafficSum(
    long packets,
    long bytes,
    long activeFlows,
    OptionalDouble packetsPerSecond,
    OptionalDouble bytesPerSecond) {

  static TrafficSum of(TrafficRow row) {
    return new TrafficSum(
        row.traffic().packets(),
        row.traffic().bytes(),
        row.traffic().activeFlows(),
        row.packetsPerSecond(),
        row.bytesPerSecond());
  }

  public static TrafficSum of(List<TrafficRow> rows) {
    return new TrafficSum(
        rows.stream().mapToLong(row -> row.traffic().packets()).reduce(0, TrafficSum::add),
        rows.stream().mapToLong(row -> row.traffic().bytes()).reduce(0, TrafficSum::add),
        rows.stream().mapToLong(row -> row.traffic().activeFlows()).reduce(0, TrafficSum::add),
        sum(rows.stream().map(TrafficRow::packetsPerSecond).toList()),
        sum(rows.stream().map(TrafficRow::bytesPerSecond).toList()));
  }

  /// All traffic: its rates are known where that of the unmatched traffic is.
  public static TrafficSum of(List<TrafficRow> matched, TrafficRow unmatched) {
    List<TrafficRow> rows = new ArrayList<>(matched);
    rows.add(unmatched);
    TrafficSum sum = of(rows);
    return unmatched.bytesPerSecond().isPresent()
        ? sum
        : new TrafficSum(
            sum.packets,
            sum.bytes,
            sum.activeFlows,
            OptionalDouble.empty(),
            OptionalDouble.empty());
  }

  private static long add(long a, long b) {
    long sum = a + b;
    boolean overflow = ((a ^ sum) & (b ^ sum)) < 0;
    return overflow ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  private static OptionalDouble sum(List<OptionalDouble> rates) {
    return rates.stream().anyMatch(OptionalDouble::isPresent)
        ? OptionalDouble.of(rates.stream().mapToDouble(rate -> rate.orElse(0)).sum())
        : OptionalDouble.empty();
  }

  /// What a limit measures of it; its age and idle time are those of the newest of its rows.
  OptionalDouble measure(Measure measure, List<TrafficRow> rows, TrafficNow now, Instant at) {
    return switch (measure) {
      case PACKETS -> OptionalDouble.of((double) packets);
      case BYTES -> OptionalDouble.of((double) bytes);
      case FLOWS -> OptionalDouble.of((double) activeFlows);
      case PACKET_RATE -> packetsPerSecond;
      case BYTE_RATE -> bytesPerSecond;
      case AGE, IDLE ->
          rows.stream()
              .map(row -> row.measure(measure, now, at))
              .flatMapToDouble(OptionalDouble::stream)
              .min();
    };
  }

  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("packets_matched", packets);
    members.put("bytes_matched", bytes);
    members.put("active_flows", activeFlows);
    members.put("packets_per_second", packetsPerSecond);
    members.put("bytes_per_second", bytesPerSecond);
    return members;
  }
}
