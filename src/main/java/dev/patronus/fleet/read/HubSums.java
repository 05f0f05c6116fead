package dev.patronus.fleet.read;

import dev.patronus.history.Bucket;
import dev.patronus.history.Point;
import dev.patronus.history.Series;
import dev.patronus.history.SeriesSum;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySums.Others;
import dev.patronus.history.tier.Tier;
import dev.patronus.history.tier.TierChoice.Part;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Sums the history of policies up on the hub: what the sum of each policy's history is, without a
/// row for each of its cells.
///
/// Where each step is one hour or one day of the roll-ups, the sums that the hub keeps for each
/// gateway are added. What they do not have (an hour that is not over, the borders of a range,
/// hours in which two databases of one gateway counted) is added up from the cells, first those of
/// each policy in a step, then those of all policies, as the hub of one gateway would.
///
/// Confined to one thread.
final class HubSums {
  /// More steps than this are not summed up on the hub.
  private static final int STEPS_MOST = 200_000;

  /// There are sums of visible epochs alone, so that the gateways tell which ones are wanted; what
  /// a join with epochs leaves the server cannot estimate.
  private static final String WHOLE =
      """
      SELECT c.start, least(sum(c.packets), 9223372036854775807)::bigint,
        least(sum(c.bytes), 9223372036854775807)::bigint,
        least(sum(c.active_flows), 9223372036854775807)::bigint,
        max(c.covered_seconds), max(c.longest_seconds),
        least(sum(c.readings), 2147483647)::bigint, least(sum(c.resets), 2147483647)::bigint,
        least(sum(c.implausible), 9223372036854775807)::bigint,
        least(sum(c.unmatched_packets), 9223372036854775807)::bigint,
        least(sum(c.unmatched_bytes), 9223372036854775807)::bigint,
        least(sum(c.unmatched_active_flows), 9223372036854775807)::bigint,
        max(c.unmatched_covered_seconds), max(c.unmatched_longest_seconds),
        least(sum(c.unmatched_readings), 2147483647)::bigint,
        least(sum(c.unmatched_resets), 2147483647)::bigint, 0::bigint
      FROM fleet.TABLE c
      WHERE c.start >= ? AND c.start < ? AND c.gateway_id = ANY (?)
      GROUP BY c.start ORDER BY c.start
      """;

  private static final String SHARED =
      """
      SELECT gateway_id, min(start), max(start) FROM (
        SELECT c.gateway_id, c.start
        FROM unnest(?::integer[], ?::integer[]) AS k (gateway_id, epoch)
          JOIN fleet.TABLE c USING (gateway_id, epoch)
        WHERE c.start >= ? AND c.start < ?
        GROUP BY c.gateway_id, c.start HAVING count(*) > 1) s
      GROUP BY gateway_id
      """;

  private static final String OF_POLICIES =
      """
      p AS (
        SELECT place, width_bucket(start, ?::bigint[]) AS step,
          sum(packets) FILTER (WHERE readings > 0) AS packets,
          sum(bytes) FILTER (WHERE readings > 0) AS bytes,
          (max(ARRAY[last_second, epoch, open, active_flows]) FILTER (WHERE readings > 0))[4]
            AS active_flows,
          sum(covered_seconds) FILTER (WHERE readings > 0) AS covered_seconds,
          max(longest_seconds) FILTER (WHERE readings > 0) AS longest_seconds,
          sum(readings) AS readings, sum(resets) FILTER (WHERE readings > 0) AS resets,
          sum(implausible) AS implausible
        FROM c GROUP BY 1, 2)
      """;

  /// Each step of each policy is one cell.
  private static final String OF_CELLS =
      """
      p AS (
        SELECT width_bucket(start, ?::bigint[]) AS step, packets, bytes, active_flows,
          covered_seconds, longest_seconds, readings, resets, implausible FROM c)
      """;

  private static final String OF_STEPS =
      """
      SELECT step, coalesce(least(sum(packets), 9223372036854775807), 0)::bigint,
        coalesce(least(sum(bytes), 9223372036854775807), 0)::bigint,
        coalesce(least(sum(active_flows), 9223372036854775807), 0)::bigint,
        coalesce(least(max(covered_seconds), 9223372036854775807), 0)::bigint,
        coalesce(max(longest_seconds), 0)::bigint,
        least(sum(readings), 2147483647)::bigint,
        coalesce(least(sum(resets), 2147483647), 0)::bigint,
        least(sum(implausible), 9223372036854775807)::bigint
      FROM p GROUP BY step ORDER BY step
      """;

  private static final String LARGEST =
      """
      SELECT place, least(sum(packets), 9223372036854775807)::numeric AS packets,
        least(sum(bytes), 9223372036854775807)::numeric AS bytes
      FROM c GROUP BY place
      """;

  private static final String LARGEST_FIRST =
      """
      SELECT place, packets, bytes, count(*) OVER (), sum(packets) OVER (), sum(bytes) OVER ()
      FROM p ORDER BY bytes DESC, place LIMIT ?
      """;

  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private final FleetReader reader;
  private final HistoryPlan plan;
  private final long gapAfterSeconds;
  private final Tier tier;
  private final long from;
  private final long until;
  private final List<Bucket> steps;
  private final SeriesSum matched = new SeriesSum();
  private final SeriesSum unmatched = new SeriesSum();
  private long implausible;

  /// @param plan one that reads roll-ups, and has no separate samples
  /// @param gapAfterSeconds a change over more time than this marks its point as a gap
  HubSums(FleetReader reader, HistoryPlan plan, long gapAfterSeconds) {
    this.reader = reader;
    this.plan = plan;
    this.gapAfterSeconds = gapAfterSeconds;
    this.tier = plan.tier().orElseThrow();
    this.from = plan.cellsFrom();
    this.until = plan.cellsUntil();
    this.steps = steps(plan);
  }

  /// Whether a plan has few enough steps.
  static boolean fits(HistoryPlan plan) {
    long seconds = plan.cellsUntil() - plan.cellsFrom();
    return plan.tier().isPresent()
        && seconds / plan.buckets().step().shortest().toSeconds() <= STEPS_MOST
        && (!plan.separateSamples() || seconds / Tier.FIVE_MINUTES.seconds() <= STEPS_MOST);
  }

  /// What the sums of a gateway that the hub keeps answer for: those before a second, except for a
  /// time in which several of its databases counted.
  private record Whole(long until, long exceptFrom, long exceptUntil) {}

  /// Reads the sums.
  ///
  /// @param policies the series of each policy
  /// @param none those of what no policy matched, by gateway
  /// @param all whether the policies are all that the gateways have
  void read(List<List<HubSeries>> policies, List<List<HubSeries>> none, boolean all) {
    Map<Integer, Whole> wholes = Map.of();
    if (all && tier != Tier.FIVE_MINUTES && eachStepIsOneCell()) {
      List<HubSeries> every = new ArrayList<>();
      policies.forEach(every::addAll);
      none.forEach(every::addAll);
      wholes = wholes(every);
      readWholes(wholes);
    }
    implausible += readCells(policies, wholes, matched);
    long _ = readCells(none, wholes, unmatched);
  }

  /// The sum of the policies.
  Series matched() {
    return matched.series();
  }

  /// What no policy matched.
  Series unmatched() {
    return unmatched.series();
  }

  /// How many readings of policies were passed over because their counters cannot be true.
  long implausible() {
    return implausible;
  }

  private boolean eachStepIsOneCell() {
    return eachStepIsOneCell(steps, tier);
  }

  static boolean eachStepIsOneCell(List<Bucket> steps, Tier tier) {
    return steps.stream()
        .allMatch(step ->
            step.seconds() == tier.seconds()
                && tier.floor(step.startSecond()) == step.startSecond());
  }

  /// The steps of a plan that reads roll-ups.
  static List<Bucket> steps(HistoryPlan plan) {
    List<Bucket> steps = new ArrayList<>();
    if (plan.cellsFrom() < plan.cellsUntil()) {
      Bucket step = plan.buckets().at(plan.cellsFrom());
      steps.add(step);
      while (step.endSecond() < plan.cellsUntil()) {
        step = plan.buckets().after(step);
        steps.add(step);
      }
    }
    return steps;
  }

  private Map<Integer, Whole> wholes(List<HubSeries> every) {
    long first = Math.min(tier.ceiling(from), until);
    Map<Integer, Set<Integer>> epochs = new HashMap<>();
    Map<Integer, Long> untils = new HashMap<>();
    for (HubSeries series : every) {
      epochs.computeIfAbsent(series.gatewayId(), _ -> new HashSet<>()).add(series.epoch());
      untils.merge(series.gatewayId(), series.wholeUntil(tier, until), Math::min);
    }
    untils.values().removeIf(end -> end <= first);
    Map<Integer, long[]> shared = shared(epochs, untils, first);
    Map<Integer, Whole> wholes = new HashMap<>();
    untils.forEach((gateway, end) -> {
      long[] except = shared.getOrDefault(gateway, new long[] {end, end});
      wholes.put(gateway, new Whole(end, Math.min(except[0], end), Math.min(except[1], end)));
    });
    return wholes;
  }

  private static Set<Integer> of(Map<Integer, Set<Integer>> epochs, int gateway) {
    return epochs.getOrDefault(gateway, Set.of());
  }

  /// For each gateway with several databases the time in which more than one has cells.
  private Map<Integer, long[]> shared(
      Map<Integer, Set<Integer>> epochs, Map<Integer, Long> untils, long first) {
    List<int[]> keys = new ArrayList<>();
    untils
        .keySet()
        .forEach(gateway -> {
          if (of(epochs, gateway).size() > 1) {
            of(epochs, gateway).forEach(epoch -> keys.add(new int[] {gateway, epoch}));
          }
        });
    Map<Integer, long[]> shared = new HashMap<>();
    if (!keys.isEmpty()) {
      reader.atOnce(
          SHARED.replace("TABLE", sums()),
          row ->
              shared.put(
                  row.getInt(1), new long[] {row.getLong(2), row.getLong(3) + tier.seconds()}),
          List.of(
              keys.stream().mapToInt(key -> key[0]).toArray(),
              keys.stream().mapToInt(key -> key[1]).toArray(),
              first,
              until));
    }
    return shared;
  }

  private String sums() {
    return tier == Tier.HOUR ? "hour_sums" : "day_sums";
  }

  private void readWholes(Map<Integer, Whole> wholes) {
    long first = Math.min(tier.ceiling(from), until);
    Map<Part, List<Integer>> gateways = new HashMap<>();
    wholes.forEach((gateway, whole) -> {
      List<Part> parts =
          List.of(
              new Part(tier, first, whole.exceptFrom()),
              new Part(tier, Math.max(first, whole.exceptUntil()), whole.until()));
      for (Part part : parts) {
        gateways.computeIfAbsent(part, _ -> new ArrayList<>()).add(gateway);
      }
    });
    gateways.keySet().removeIf(part -> part.from() >= part.until());
    gateways.forEach(this::readWhole);
  }

  private void readWhole(Part part, List<Integer> gateways) {
    List<Point> points = new ArrayList<>();
    List<Point> others = new ArrayList<>();
    reader.atOnce(
        WHOLE.replace("TABLE", sums()),
        row -> {
          Bucket step = plan.buckets().at(row.getLong(1));
          implausible += row.getLong(9);
          point(step, row, 2, points);
          point(step, row, 10, others);
        },
        List.of(
            part.from(), part.until(), gateways.stream().mapToInt(Integer::intValue).toArray()));
    matched.add(new Series(SeriesSum.NO_POLICY, points));
    unmatched.add(new Series(SeriesSum.NO_POLICY, others));
  }

  private void point(Bucket step, ResultSet row, int column, List<Point> points)
      throws SQLException {
    int readings = (int) row.getLong(column + 5);
    if (readings > 0) {
      points.add(
          new Point(
              SeriesSum.NO_POLICY,
              step,
              row.getLong(column),
              row.getLong(column + 1),
              row.getLong(column + 2),
              row.getLong(column + 3),
              readings,
              (int) row.getLong(column + 6),
              row.getLong(column + 4) > gapAfterSeconds));
    }
  }

  /// Adds up the cells that the sums of the hub do not answer for.
  ///
  /// @return how many readings were passed over because their counters cannot be true
  private long readCells(
      List<List<HubSeries>> policies, Map<Integer, Whole> wholes, SeriesSum into) {
    CellSelection cells = new CellSelection(true);
    long first = Math.min(tier.ceiling(from), until);
    for (int place = 0; place < policies.size(); place++) {
      for (HubSeries series : policies.get(place)) {
        Whole whole = wholes.get(series.gatewayId());
        if (whole == null) {
          cells.add(series, place, tier, from, until);
        } else {
          cells.add(series, place, tier, from, first);
          cells.add(series, place, tier, whole.exceptFrom(), whole.exceptUntil());
          cells.add(series, place, tier, whole.until(), until);
        }
        cells.addOpen(series, place, from, until);
      }
    }
    if (cells.isEmpty()) {
      return 0;
    }
    boolean single =
        tier == Tier.FIVE_MINUTES
            && eachStepIsOneCell()
            && policies.stream().allMatch(of -> of.size() < 2)
            && policies.stream().flatMap(List::stream).noneMatch(HubSeries::disordered);
    List<Object> bound = new ArrayList<>();
    long[] starts = steps.stream().mapToLong(Bucket::startSecond).toArray();
    String sql =
        "WITH c AS ("
            + cells.sql(starts, bound)
            + "), "
            + (single ? OF_CELLS : OF_POLICIES)
            + OF_STEPS;
    bound.add(starts);
    List<Point> points = new ArrayList<>();
    long[] passedOver = {0};
    reader.atOnce(
        sql,
        row -> {
          passedOver[0] += row.getLong(9);
          point(steps.get(row.getInt(1) - 1), row, 2, points);
        },
        bound);
    into.add(new Series(SeriesSum.NO_POLICY, points));
    return passedOver[0];
  }

  /// The policies with most bytes, by their places, and what the others carried.
  record Largest(List<Integer> places, Others others) {}

  /// Finds the policies that carried most. Of as many bytes those come first whose place does.
  ///
  /// @param policies the series of each policy
  Largest largest(List<List<HubSeries>> policies, int count) {
    CellSelection cells = new CellSelection(true);
    for (int place = 0; place < policies.size(); place++) {
      for (HubSeries series : policies.get(place)) {
        cells.add(series, place, Tier.DAY, from, until);
        cells.addOpen(series, place, from, until);
      }
    }
    if (cells.isEmpty()) {
      return new Largest(List.of(), Others.NONE);
    }
    List<Object> bound = new ArrayList<>();
    String sql =
        "WITH c AS (" + cells.volumes(bound) + "), p AS (" + LARGEST + ") " + LARGEST_FIRST;
    bound.add(count);
    List<Integer> places = new ArrayList<>();
    Others[] others = {Others.NONE};
    BigDecimal[] shown = {BigDecimal.ZERO, BigDecimal.ZERO};
    reader.atOnce(
        sql,
        row -> {
          places.add(row.getInt(1));
          shown[0] = shown[0].add(row.getBigDecimal(2));
          shown[1] = shown[1].add(row.getBigDecimal(3));
          others[0] =
              new Others(
                  row.getLong(4) - places.size(),
                  row.getBigDecimal(5).subtract(shown[0]).min(MOST).longValueExact(),
                  row.getBigDecimal(6).subtract(shown[1]).min(MOST).longValueExact());
        },
        bound);
    places.sort(null);
    return new Largest(places, others[0]);
  }
}
