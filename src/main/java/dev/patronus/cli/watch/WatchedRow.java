package dev.patronus.cli.watch;

import dev.patronus.cli.traffic.TrafficRow;
import dev.patronus.cli.traffic.TrafficSum;
import dev.patronus.history.RateSample;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyTraffic;
import java.util.List;
import java.util.OptionalDouble;

/// What is seen of one policy, or of several together, while it is watched.
///
/// Immutable.
///
/// @param row what it carries, and how fast over the window of the reading
/// @param packetsGained since the watching began
/// @param bytesGained since the watching began
/// @param bytesPerSecondHighest of all readings
/// @param resets since the watching began
/// @param samples the last readings, the oldest first
record WatchedRow(
    TrafficRow row,
    long packetsGained,
    long bytesGained,
    OptionalDouble bytesPerSecondHighest,
    int resets,
    List<RateSample> samples) {

  /// Several of them as one, under a name.
  static WatchedRow sum(String name, List<WatchedRow> rows) {
    return of(name, TrafficSum.of(rows.stream().map(WatchedRow::row).toList()), rows);
  }

  /// All traffic: that of the policies and what none of them matched.
  static WatchedRow all(WatchedRow matched, WatchedRow unmatched) {
    return of(
        "(all traffic)",
        TrafficSum.of(List.of(matched.row), unmatched.row),
        List.of(matched, unmatched));
  }

  private static WatchedRow of(String name, TrafficSum sum, List<WatchedRow> rows) {
    PolicyTraffic traffic =
        new PolicyTraffic(0, name, 0, true, sum.packets(), sum.bytes(), sum.activeFlows(), null);
    return new WatchedRow(
        new TrafficRow(traffic, sum.packetsPerSecond(), sum.bytesPerSecond(), 0),
        rows.stream().mapToLong(WatchedRow::packetsGained).sum(),
        rows.stream().mapToLong(WatchedRow::bytesGained).sum(),
        OptionalDouble.empty(),
        rows.stream().mapToInt(WatchedRow::resets).sum(),
        List.of());
  }

  /// Rows that are not shown each, as one.
  static WatchedRow more(List<WatchedRow> rows) {
    return sum("(" + HumanFormat.grouped(rows.size()) + " more)", rows);
  }

  String name() {
    return row.traffic().name();
  }

  /// The same row under another name.
  WatchedRow named(String name) {
    return new WatchedRow(
        new TrafficRow(row.traffic().named(name), row.packetsPerSecond(), row.bytesPerSecond(), 0),
        packetsGained,
        bytesGained,
        bytesPerSecondHighest,
        resets,
        samples);
  }

  /// The same row with the samples and the highest rate that were kept for it.
  WatchedRow with(OptionalDouble highest, List<RateSample> kept) {
    return new WatchedRow(row, packetsGained, bytesGained, highest, resets, kept);
  }
}
