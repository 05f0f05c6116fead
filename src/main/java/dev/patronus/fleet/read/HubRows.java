package dev.patronus.fleet.read;

import dev.patronus.fleet.read.HubScan.Piece;
import dev.patronus.history.Change;
import dev.patronus.history.Deltas;
import dev.patronus.history.Point;
import dev.patronus.history.Reading;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import dev.patronus.history.SeriesSum;
import dev.patronus.history.Stepping;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.tier.CellPoints;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.time.TimeRange;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/// The history of policies by the rows of snapshots, for steps that no roll-up has.
///
/// Gateway by gateway, by the index of gateway and time. Memory: the steps of one gateway.
final class HubRows {
  /// So long before the newest row others are looked for.
  private static final long MONTH = 31 * 86_400L;

  private static final String NEWEST =
      """
      SELECT "timestamp" FROM fleet.visible_policy_stats
      WHERE gateway_id = ? AND policy_id = ? AND "timestamp" <= ? AND "timestamp" > ?
      ORDER BY "timestamp" DESC LIMIT 12
      """;

  private static final String FIRST =
      """
      SELECT k.number, (SELECT s."timestamp" FROM fleet.visible_policy_stats s
        WHERE s.gateway_id = k.gateway_id AND s.policy_id = k.policy_id
        ORDER BY s."timestamp" LIMIT 1)
      FROM unnest(?::bigint[], ?::integer[], ?::bigint[]) AS k (number, gateway_id, policy_id)
      """;

  private static final String BEFORE =
      """
      SELECT k.number, s."timestamp", s.packets_matched, s.bytes_matched, s.active_flows
      FROM unnest(?::bigint[], ?::bigint[]) AS k (number, policy_id)
        CROSS JOIN LATERAL (SELECT * FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = ? AND v.policy_id = k.policy_id AND v."timestamp" < ?
          ORDER BY v."timestamp" DESC, v.epoch DESC, v.row_id DESC LIMIT 1) s
      """;

  private static final String IN_RANGE =
      """
      SELECT k.number, s."timestamp", s.packets_matched, s.bytes_matched, s.active_flows
      FROM fleet.visible_policy_stats s
        JOIN unnest(?::bigint[], ?::bigint[]) AS k (number, policy_id) USING (policy_id)
      WHERE s.gateway_id = ? AND s."timestamp" >= ? AND s."timestamp" < ?
      ORDER BY s."timestamp", s.epoch, s.row_id
      """;

  private static final String READINGS =
      """
      SELECT s.row_id, k.number, s."timestamp", s.packets_matched, s.bytes_matched, s.active_flows
      FROM fleet.visible_policy_stats s
        JOIN unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS k (number, policy_id, first)
          USING (policy_id)
      WHERE s.gateway_id = ? AND s."timestamp" >= ? AND s."timestamp" >= k.first
        AND s."timestamp" < ?
      ORDER BY k.number, s."timestamp", s.epoch, s.row_id
      """;

  private static final String ALL_READINGS =
      """
      SELECT s.row_id, ?::bigint, s."timestamp", s.packets_matched, s.bytes_matched, s.active_flows
      FROM fleet.visible_policy_stats s
      WHERE s.gateway_id = ? AND s.policy_id = ? ORDER BY s.epoch, s.row_id
      """;

  private static final String ARRIVALS =
      """
      SELECT 0, s."timestamp", s.packets_matched, s.bytes_matched, s.active_flows
      FROM fleet.visible_policy_stats s
      WHERE s.gateway_id = ? AND s.policy_id = ? ORDER BY s.epoch, s.row_id
      """;

  private static final String UNMATCHED =
      """
      SELECT 0, s."timestamp", s.packets, s.bytes, s.active_flows
      FROM fleet.visible_unmatched_stats s
      WHERE s.gateway_id = ? AND s."timestamp" < ? AND s."timestamp" >= coalesce(
        (SELECT v."timestamp" FROM fleet.visible_unmatched_stats v
          WHERE v.gateway_id = ? AND v."timestamp" < ? ORDER BY v."timestamp" DESC LIMIT 1), ?)
      ORDER BY s."timestamp", s.epoch
      """;

  private final FleetReader reader;
  private final List<HubPolicy> policies;

  /// @param policies by their numbers
  HubRows(FleetReader reader, List<HubPolicy> policies) {
    this.reader = reader;
    this.policies = policies;
  }

  private HubPolicy policy(long number) {
    return policies.get((int) number);
  }

  private int gatewayId(long number) {
    return reader.gateway(policy(number).gateway()).id();
  }

  /// The usual time from one row of a policy to the next: the median of its newest rows; 0 if it
  /// has none.
  long secondsApart(long number, HubSeries series) {
    List<Long> newest =
        reader.list(
            NEWEST,
            row -> row.getLong(1),
            gatewayId(number),
            policy(number).policyId(),
            series.newest(),
            Math.max(series.newest(), Long.MIN_VALUE + MONTH) - MONTH);
    long[] apart = new long[Math.max(0, newest.size() - 1)];
    for (int i = 0; i < apart.length; i++) {
      apart[i] = newest.get(i) - newest.get(i + 1);
    }
    Arrays.sort(apart);
    return apart.length == 0 ? 0 : apart[apart.length / 2];
  }

  /// The time of the first row of each of these policies that has one.
  Map<Long, Long> firstSeconds(List<Long> numbers) {
    Map<Long, Long> firsts = new HashMap<>();
    reader.each(
        FIRST,
        row -> {
          long second = row.getLong(2);
          if (!row.wasNull()) {
            firsts.put(row.getLong(1), second);
          }
        },
        numbers(numbers),
        numbers.stream().mapToInt(this::gatewayId).toArray(),
        policyIds(numbers));
    return firsts;
  }

  private static long[] numbers(List<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private long[] policyIds(List<Long> numbers) {
    return numbers.stream().mapToLong(number -> policy(number).policyId()).toArray();
  }

  /// Reads the history of policies.
  ///
  /// @param disordered whether the rows of a policy did not come in order of time
  /// @return how many readings were passed over because their counters cannot be true
  long read(
      List<Long> numbers,
      LongPredicate disordered,
      HistoryPlan plan,
      Consumer<SampledSeries> series) {
    Map<String, List<Long>> byGateway = new LinkedHashMap<>();
    numbers.forEach(number ->
        byGateway.computeIfAbsent(policy(number).gateway(), _ -> new ArrayList<>()).add(number));
    long implausible = 0;
    for (Map.Entry<String, List<Long>> of : byGateway.entrySet()) {
      Map<Long, SampledSeries> found = new HashMap<>();
      List<Long> ordered =
          of.getValue().stream().filter(number -> !disordered.test(number)).toList();
      implausible += inOrder(reader.gateway(of.getKey()), ordered, plan, found);
      for (long number : of.getValue()) {
        if (disordered.test(number)) {
          implausible += asTheyArrived(number, plan, found);
        }
        if (found.containsKey(number)) {
          series.accept(found.get(number));
        }
      }
    }
    return implausible;
  }

  private long inOrder(
      HubGateway gateway, List<Long> numbers, HistoryPlan plan, Map<Long, SampledSeries> found) {
    Map<Long, List<Point>> points = new HashMap<>();
    Stepping stepping =
        new Stepping(
            plan.buckets(),
            plan.range(),
            plan.gapAfterSeconds(),
            point -> points.computeIfAbsent(point.policyId(), _ -> new ArrayList<>()).add(point));
    reader.each(
        BEFORE,
        row -> stepping.accept(reading(row)),
        numbers(numbers),
        policyIds(numbers),
        gateway.id(),
        plan.range().firstSecond());
    reader.each(
        IN_RANGE,
        row -> stepping.accept(reading(row)),
        numbers(numbers),
        policyIds(numbers),
        gateway.id(),
        plan.range().firstSecond(),
        plan.range().endSecond());
    stepping.finish();
    points.forEach((number, of) -> {
      Series steps = new Series(number, of);
      found.put(number, new SampledSeries(steps, steps));
    });
    return stepping.implausible();
  }

  /// The rows of policies as `sdwan_policy_stats` has them, policy by policy in order of time, or
  /// all of them as they arrived where they did not come in order of time. The policy is its
  /// number.
  ///
  /// @param predecessors whether the last row before the range comes before each policy's
  RowScan readings(
      List<Long> numbers, LongPredicate disordered, TimeRange range, boolean predecessors) {
    List<Piece> pieces = new ArrayList<>();
    List<Long> inOrder = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i++) {
      long number = numbers.get(i);
      boolean first =
          i == 0 || !policy(numbers.get(i - 1)).gateway().equals(policy(number).gateway());
      if (first || disordered.test(number)) {
        addInOrder(inOrder, range, predecessors, pieces);
      }
      if (disordered.test(number)) {
        pieces.add(
            new Piece(
                reader.gateway(policy(number).gateway()),
                ALL_READINGS,
                List.of(number, gatewayId(number), policy(number).policyId())));
      } else {
        inOrder.add(number);
      }
    }
    addInOrder(inOrder, range, predecessors, pieces);
    return new HubScan(reader, pieces, ExportTable.STATS.own().stream().map(Optional::of).toList());
  }

  private void addInOrder(
      List<Long> numbers, TimeRange range, boolean predecessors, List<Piece> pieces) {
    if (numbers.isEmpty()) {
      return;
    }
    HubGateway gateway = reader.gateway(policy(numbers.getFirst()).gateway());
    long from = range.firstSecond();
    Map<Long, Long> firsts = new HashMap<>();
    if (predecessors && range.since().isPresent()) {
      reader.each(
          BEFORE,
          row -> firsts.put(row.getLong(1), row.getLong(2)),
          numbers(numbers),
          policyIds(numbers),
          gateway.id(),
          from);
    }
    pieces.add(
        new Piece(
            gateway,
            READINGS,
            List.of(
                numbers(numbers),
                policyIds(numbers),
                numbers.stream().mapToLong(number -> firsts.getOrDefault(number, from)).toArray(),
                gateway.id(),
                firsts.values().stream().mapToLong(Long::longValue).min().orElse(from),
                range.endSecond())));
    numbers.clear();
  }

  private static Reading reading(ResultSet row) throws SQLException {
    return new Reading(
        row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5));
  }

  private long asTheyArrived(long number, HistoryPlan plan, Map<Long, SampledSeries> found) {
    CellPoints points = new CellPoints(plan.buckets());
    Deltas deltas = new Deltas();
    reader.each(
        ARRIVALS,
        row -> {
          Change change = deltas.next(reading(row));
          long second = change.reading().epochSecond();
          if (plan.range().firstSecond() <= second && second < plan.range().endSecond()) {
            points.add(change);
          }
        },
        gatewayId(number),
        policy(number).policyId());
    Series steps = new Series(number, points.points(number, plan.gapAfterSeconds()));
    if (!steps.points().isEmpty()) {
      found.put(number, new SampledSeries(steps, steps));
    }
    return points.implausible();
  }

  /// Reads what no policy of a gateway matched; empty where nobody counted it.
  Optional<SampledSeries> readUnmatched(HubGateway gateway, HistoryPlan plan) {
    List<Point> points = new ArrayList<>();
    Stepping stepping =
        new Stepping(plan.buckets(), plan.range(), plan.gapAfterSeconds(), points::add);
    long first = plan.range().firstSecond();
    reader.each(
        UNMATCHED,
        row -> stepping.accept(reading(row)),
        gateway.id(),
        plan.range().endSecond(),
        gateway.id(),
        first,
        first);
    stepping.finish();
    if (points.isEmpty()) {
      return Optional.empty();
    }
    Series steps = new Series(SeriesSum.NO_POLICY, points);
    return Optional.of(new SampledSeries(steps, steps));
  }
}
