package dev.patronus.store.rollup;

import dev.patronus.history.Buckets;
import dev.patronus.history.Point;
import dev.patronus.history.Reading;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a policy carried, the simple way: all readings are kept in the order in which they arrived,
/// and each question goes through all of them with exact numbers.
final class ArrivalModel {
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  record Row(long statId, Reading reading) {}

  private final List<Row> rows = new ArrayList<>();

  void add(long statId, Reading reading) {
    rows.add(new Row(statId, reading));
  }

  /// Rows that are gone before anybody has counted them.
  void lose(long countedTo, long before) {
    rows.removeIf(row -> row.statId() > countedTo && row.reading().epochSecond() < before);
  }

  int size() {
    return rows.size();
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  long firstSecond() {
    return rows.stream().mapToLong(row -> row.reading().epochSecond()).min().orElseThrow();
  }

  long lastSecond() {
    return rows.stream().mapToLong(row -> row.reading().epochSecond()).max().orElseThrow();
  }

  /// What is known of a bucket.
  private static final class Sum {
    private BigInteger packets = BigInteger.ZERO;
    private BigInteger bytes = BigInteger.ZERO;
    private long flows;
    private long flowsAt = Long.MIN_VALUE;
    private long covered;
    private long longest;
    private int readings;
    private int resets;
  }

  List<Point> points(long policyId, long from, long until, Buckets buckets, long gapAfter) {
    Map<Long, Sum> sums = new TreeMap<>();
    Reading before = null;
    for (Row row : rows) {
      Reading now = row.reading();
      if (now.packets() < 0 || now.bytes() < 0) {
        continue;
      }
      if (now.epochSecond() >= from && now.epochSecond() < until) {
        add(
            sums.computeIfAbsent(buckets.at(now.epochSecond()).startSecond(), _ -> new Sum()),
            before,
            now);
      }
      before = now;
    }
    List<Point> points = new ArrayList<>();
    sums.forEach((start, sum) ->
        points.add(
            new Point(
                policyId,
                buckets.at(start),
                sum.packets.min(MOST).longValueExact(),
                sum.bytes.min(MOST).longValueExact(),
                sum.flows,
                sum.covered,
                sum.readings,
                sum.resets,
                sum.longest > gapAfter)));
    return points;
  }

  private static void add(Sum sum, Reading before, Reading now) {
    sum.readings++;
    if (now.epochSecond() >= sum.flowsAt) {
      sum.flows = now.activeFlows();
      sum.flowsAt = now.epochSecond();
    }
    if (before == null) {
      return;
    }
    boolean reset = now.packets() < before.packets() || now.bytes() < before.bytes();
    sum.packets = sum.packets.add(grown(before.packets(), now.packets(), reset));
    sum.bytes = sum.bytes.add(grown(before.bytes(), now.bytes(), reset));
    sum.resets += reset ? 1 : 0;
    long elapsed = Math.max(0, now.epochSecond() - before.epochSecond());
    sum.covered += elapsed;
    sum.longest = Math.max(sum.longest, elapsed);
  }

  private static BigInteger grown(long before, long now, boolean reset) {
    return reset
        ? BigInteger.valueOf(now)
        : BigInteger.valueOf(now).subtract(BigInteger.valueOf(before));
  }

  long implausible(long from, long until) {
    return rows.stream()
        .map(Row::reading)
        .filter(reading -> reading.packets() < 0 || reading.bytes() < 0)
        .filter(reading -> reading.epochSecond() >= from && reading.epochSecond() < until)
        .count();
  }
}
