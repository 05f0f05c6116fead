package dev.patronus.fleet.read;

import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.PolicySummary;
import dev.patronus.history.plan.PolicySummary.StepResets;
import dev.patronus.history.tier.Tier;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Summarises the history of each policy on the hub: one row for each policy instead of one for
/// each of its cells.
///
/// Confined to one thread.
final class HubSummaries {
  /// The points of each policy, a row each. Where a step is one cell of one database, that is the
  /// point; others are summed up by step.
  private static final String POINTS =
      """
      r AS (
        SELECT place, start, packets, bytes, covered_seconds, longest_seconds, readings, resets
        FROM d
        UNION ALL
        SELECT place, min(start),
          least(sum(packets), 9223372036854775807)::bigint,
          least(sum(bytes), 9223372036854775807)::bigint,
          least(sum(covered_seconds), 9223372036854775807)::bigint, max(longest_seconds)::bigint,
          sum(readings)::bigint, sum(resets)::bigint
        FROM c WHERE readings > 0 GROUP BY place, width_bucket(start, ?::bigint[]))
      """;

  private static final String NO_CELLS =
      """
      SELECT 0 AS place, 0 AS epoch, 0::bigint AS start, 0::bigint AS packets, 0::bigint AS bytes,
        0 AS active_flows, 0::bigint AS last_second, 0::bigint AS covered_seconds,
        0::bigint AS longest_seconds, 0 AS readings, 0 AS resets, 0 AS implausible WHERE false
      """;

  /// A percentile is the nearest rank here, too: percentile_disc gives the first of the rates, in
  /// order, whose place is at least 95 hundredths of their number.
  private static final String SUMMARIES =
      """
      SELECT place, least(sum(packets), 9223372036854775807)::bigint,
        least(sum(bytes), 9223372036854775807)::bigint,
        percentile_disc(0.95) WITHIN GROUP
          (ORDER BY bytes::double precision / nullif(covered_seconds, 0)),
        max(bytes::double precision / nullif(covered_seconds, 0)), count(*),
        count(*) FILTER (WHERE longest_seconds > ?),
        array_agg(start ORDER BY start) FILTER (WHERE resets > 0),
        array_agg(resets::bigint ORDER BY start) FILTER (WHERE resets > 0)
      FROM r WHERE readings > 0 GROUP BY place ORDER BY place
      """;

  private static final String PERCENTILES =
      """
      SELECT place, percentile_disc(0.95) WITHIN GROUP
          (ORDER BY bytes::double precision / nullif(covered_seconds, 0)), count(*)
      FROM r WHERE readings > 0 GROUP BY place
      """;

  private final FleetReader reader;
  private final List<Long> numbers;
  private final List<List<HubSeries>> policies;

  /// @param numbers of the policies
  /// @param policies the series of each of them
  HubSummaries(FleetReader reader, List<Long> numbers, List<List<HubSeries>> policies) {
    this.reader = reader;
    this.numbers = numbers;
    this.policies = policies;
  }

  /// The rate that is not exceeded by 95 of 100 samples, and how many samples there are.
  private record Percentile(OptionalDouble rate, int samples) {}

  /// Reads what each policy carried that has a reading.
  ///
  /// @param plan one that reads roll-ups
  List<PolicySummary> read(HistoryPlan plan) {
    Map<Integer, Percentile> separate = plan.separateSamples() ? percentiles(plan) : Map.of();
    List<PolicySummary> found = new ArrayList<>();
    List<Object> bound = new ArrayList<>();
    String points = points(plan.withoutSamples(), bound);
    bound.add(plan.gapAfterSeconds());
    reader.each(
        points + SUMMARIES,
        row -> {
          int place = row.getInt(1);
          Percentile own = new Percentile(rate(row, 4), row.getInt(6));
          Percentile percentile = separate.getOrDefault(place, own);
          found.add(
              new PolicySummary(
                  numbers.get(place),
                  row.getLong(2),
                  row.getLong(3),
                  percentile.rate(),
                  rate(row, 5),
                  percentile.samples(),
                  row.getLong(7),
                  resets(plan.buckets(), row.getArray(8), row.getArray(9))));
        },
        bound.toArray());
    return found;
  }

  private Map<Integer, Percentile> percentiles(HistoryPlan plan) {
    Buckets buckets = new Buckets(plan.sampleStep(), ZoneOffset.UTC);
    List<Object> bound = new ArrayList<>();
    String points =
        points(
            new HistoryPlan(plan.range(), buckets, Optional.of(Tier.FIVE_MINUTES), false), bound);
    Map<Integer, Percentile> found = new HashMap<>();
    reader.each(
        points + PERCENTILES,
        row -> found.put(row.getInt(1), new Percentile(rate(row, 2), row.getInt(3))),
        bound.toArray());
    return found;
  }

  private static OptionalDouble rate(ResultSet row, int column) throws SQLException {
    double rate = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(rate);
  }

  private static List<StepResets> resets(
      Buckets buckets, @Nullable Array starts, @Nullable Array times) throws SQLException {
    List<StepResets> resets = new ArrayList<>();
    if (starts != null && times != null) {
      Long[] seconds = (Long[]) starts.getArray();
      Long[] counts = (Long[]) times.getArray();
      for (int i = 0; i < seconds.length; i++) {
        resets.add(
            new StepResets(
                buckets.at(seconds[i]).startSecond(), Math.clamp(counts[i], 0, Integer.MAX_VALUE)));
      }
    }
    return resets;
  }

  /// The beginning of a query of the points.
  private String points(HistoryPlan plan, List<Object> bound) {
    Tier tier = plan.tier().orElseThrow();
    List<Bucket> steps = HubSums.steps(plan);
    long from = plan.cellsFrom();
    long until = plan.cellsUntil();
    boolean oneCell = HubSums.eachStepIsOneCell(steps, tier);
    CellSelection direct = new CellSelection(false);
    CellSelection grouped = new CellSelection(true);
    for (int place = 0; place < policies.size(); place++) {
      boolean single = oneCell && policies.get(place).size() == 1;
      for (HubSeries series : policies.get(place)) {
        long first = Math.min(tier.ceiling(from), until);
        long end = single ? Math.max(first, series.wholeUntil(tier, until)) : first;
        grouped.add(series, place, tier, from, first);
        direct.add(series, place, tier, first, end);
        grouped.add(series, place, tier, end, until);
        grouped.addOpen(series, place, from, until);
      }
    }
    long[] starts = steps.stream().mapToLong(Bucket::startSecond).toArray();
    String sql =
        "WITH d AS ("
            + (direct.isEmpty() ? NO_CELLS : direct.sql(starts, bound))
            + "), c AS ("
            + (grouped.isEmpty() ? NO_CELLS : grouped.sql(starts, bound))
            + "), "
            + POINTS;
    bound.add(starts);
    return sql;
  }
}
