package dev.patronus.store.history;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.Buckets;
import dev.patronus.history.Change;
import dev.patronus.history.Deltas;
import dev.patronus.history.Point;
import dev.patronus.history.Reading;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import dev.patronus.history.SeriesSum;
import dev.patronus.history.Step;
import dev.patronus.history.Stepping;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.history.plan.TierPlanner;
import dev.patronus.history.plan.TierPoints;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.CellPoints;
import dev.patronus.history.tier.Tier;
import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.TierHistory;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.time.TimeRange;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// The history of policies: from the roll-ups where the database has them and the steps allow it,
/// else from the rows, by the index (policy_id, timestamp).
///
/// What was rolled up stays when rows and policies are deleted. What lies outside of the range
/// costs nothing.
///
/// Confined to the database's thread.
public final class PolicyHistory implements HistorySource {
  private final Database database;
  private final TableScanner extraction;
  private final Optional<TierHistory> tiers;

  public PolicyHistory(Database database) {
    this(database, TierHistory.open(database));
  }

  private PolicyHistory(Database database, Optional<TierHistory> tiers) {
    this.database = database;
    this.extraction = new TableScanner(database, ExportTable.STATS);
    this.tiers = tiers;
  }

  /// Answers from the history, and does so again where the oldest history is removed meanwhile.
  ///
  /// @param work may be called more than once
  public static <T> T reading(Database database, Function<PolicyHistory, T> work) {
    return TierHistory.reading(database, tiers -> work.apply(new PolicyHistory(database, tiers)));
  }

  /// The policies that have a history, in unsigned order of their ids.
  @Override
  public List<Long> policies() {
    return tiers.map(TierHistory::policies).orElseGet(this::policiesOfRows);
  }

  private List<Long> policiesOfRows() {
    return extraction.exists() ? extraction.groups() : List.of();
  }

  /// The last names of policies that may be deleted, by id.
  public Map<Long, String> names() {
    return tiers.map(TierHistory::names).orElse(Map.of());
  }

  /// The usual time from one row to the next, in seconds: the median of the newest rows of the
  /// first of these policies that has some; 0 if none has.
  @Override
  public long secondsApart(List<Long> policies) {
    for (long policy : extraction.exists() ? policies : List.<Long>of()) {
      List<Long> newest = newestSeconds(policy);
      if (newest.size() > 1) {
        long[] apart = new long[newest.size() - 1];
        for (int i = 0; i < apart.length; i++) {
          apart[i] = newest.get(i) - newest.get(i + 1);
        }
        Arrays.sort(apart);
        return apart[apart.length / 2];
      }
    }
    return 0;
  }

  private List<Long> newestSeconds(long policy) {
    String sql =
        """
        SELECT timestamp FROM sdwan_policy_stats WHERE policy_id = ?
        ORDER BY timestamp DESC LIMIT 12
        """;
    return database.read(connection -> {
      List<Long> seconds = new ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setLong(1, policy);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            seconds.add(row.getLong(1));
          }
        }
      }
      return seconds;
    });
  }

  /// The first second that these policies have a reading of; empty if they have none.
  @Override
  public OptionalLong firstSecond(List<Long> policies) {
    OptionalLong first = OptionalLong.empty();
    for (long policy : policies) {
      OptionalLong second = tiers.isPresent() ? tiers.get().firstSecond(policy) : ofRows(policy);
      if (second.isPresent() && second.getAsLong() < first.orElse(Long.MAX_VALUE)) {
        first = second;
      }
    }
    return first;
  }

  private OptionalLong ofRows(long policy) {
    String sql = "SELECT min(timestamp) FROM sdwan_policy_stats WHERE policy_id = ?";
    return database.read(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setLong(1, policy);
        try (ResultSet row = statement.executeQuery()) {
          long second = row.getLong(1);
          return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(second);
        }
      }
    });
  }

  /// Decides how a range is read.
  ///
  /// @param unmatched whether [#readUnmatched] is wanted too
  /// @throws UserError if what is left of it is too coarse for the steps
  @Override
  public HistoryPlan plan(
      TimeRange range, Buckets buckets, List<Long> policies, boolean unmatched) {
    return tiers
        .flatMap(found ->
            new TierPlanner(found::from)
                .plan(range, buckets, () -> firstOfAll(policies, unmatched)))
        .orElseGet(() -> {
          refuseGone(range, buckets, policies);
          return new HistoryPlan(range, buckets, Optional.empty(), false);
        });
  }

  private OptionalLong firstOfAll(List<Long> policies, boolean unmatched) {
    OptionalLong first = firstSecond(policies);
    OptionalLong other = unmatched ? tiers.orElseThrow().firstUnmatched() : OptionalLong.empty();
    return LongStream.concat(first.stream(), other.stream()).min();
  }

  /// Refuses to read rows of a range that has some no more, though the roll-ups have them. Rows of
  /// deleted policies are gone with them, and not looked for unless all are deleted.
  private void refuseGone(TimeRange range, Buckets buckets, List<Long> policies) {
    if (tiers.isEmpty()) {
      return;
    }
    long left = Long.MIN_VALUE;
    boolean anyRows = false;
    boolean anyRolledUp = false;
    for (long policy : policies) {
      OptionalLong rolledUp = tiers.get().firstSecond(policy);
      OptionalLong row = ofRows(policy);
      anyRows |= row.isPresent();
      anyRolledUp |= rolledUp.isPresent();
      if (rolledUp.isPresent() && row.isPresent()) {
        long first = Tier.FIVE_MINUTES.floor(Tier.clamp(row.getAsLong()));
        left = rolledUp.getAsLong() < first ? Math.max(left, row.getAsLong()) : left;
      }
    }
    refuseGone(range, buckets.step(), anyRolledUp && !anyRows, left);
  }

  /// Refuses steps that need rows which are gone.
  ///
  /// @param all whether all rows are
  /// @param left the first second from which on all rows are there
  /// @throws UserError if rows of the range are gone
  public static void refuseGone(TimeRange range, Step step, boolean all, long left) {
    if (all) {
      throw new UserError(
          ExitCode.REFUSED,
          "steps of " + step + " need the rows of snapshots, which are gone; use --step 5m");
    }
    if (left > range.firstSecond()) {
      String since = Instant.ofEpochSecond(left).atOffset(ZoneOffset.UTC).toString();
      throw new UserError(
          ExitCode.REFUSED,
          "steps of "
              + step
              + " need the rows of snapshots, which are kept since "
              + since
              + "; use --since "
              + since
              + ", or --step 5m");
    }
  }

  /// Reads the history of each of these policies, one after the other.
  ///
  /// @param series is given one for each policy that has a reading in the range
  /// @return how many readings were passed over because their counters cannot be true
  @Override
  public long read(List<Long> policies, HistoryPlan plan, Consumer<SampledSeries> series) {
    long implausible = 0;
    if (plan.tier().isEmpty()) {
      if (!disordered(policies)) {
        return readRows(policies, plan, series);
      }
      for (long policy : policies) {
        implausible +=
            disordered(List.of(policy))
                ? readArrivals(policy, plan, series)
                : readRows(List.of(policy), plan, series);
      }
      return implausible;
    }
    for (long policy : policies) {
      implausible +=
          readTiers(
              policy,
              plan,
              (tier, cells) ->
                  tiers
                      .orElseThrow()
                      .read(policy, tier, plan.cellsFrom(), plan.cellsUntil(), cells),
              series);
    }
    return implausible;
  }

  /// Reads what no policy matched; empty where nobody counted it.
  @Override
  public Optional<SampledSeries> readUnmatched(HistoryPlan plan) {
    if (plan.tier().isEmpty()) {
      return new UnmatchedRows(database)
          .read(plan.range(), plan.buckets(), plan.gapAfterSeconds())
          .map(found -> new SampledSeries(found, found));
    }
    List<SampledSeries> found = new ArrayList<>();
    long _ =
        readTiers(
            SeriesSum.NO_POLICY,
            plan,
            (tier, cells) ->
                tiers.orElseThrow().readUnmatched(tier, plan.cellsFrom(), plan.cellsUntil(), cells),
            found::add);
    return found.stream().findFirst();
  }

  /// Reads cells of a series in the range of a plan.
  @FunctionalInterface
  private interface CellSource {
    void read(Tier tier, Consumer<Cell> cells);
  }

  private static long readTiers(
      long policy, HistoryPlan plan, CellSource source, Consumer<SampledSeries> series) {
    TierPoints points = new TierPoints(plan);
    source.read(points.tier(), points::add);
    points.series(policy).ifPresent(series);
    return points.implausible();
  }

  /// Whether rows of any of these policies did not come in order of time: then they are read in
  /// order of arrival, all of them.
  public boolean disordered(List<Long> policies) {
    return tiers.isPresent() && policies.stream().anyMatch(tiers.get()::disordered);
  }

  private long readArrivals(long policy, HistoryPlan plan, Consumer<SampledSeries> series) {
    CellPoints points = new CellPoints(plan.buckets());
    Deltas deltas = new Deltas();
    tiers
        .orElseThrow()
        .arrivals(
            policy,
            reading -> {
              Change change = deltas.next(reading);
              if (plan.range().firstSecond() <= reading.epochSecond()
                  && reading.epochSecond() < plan.range().endSecond()) {
                points.add(change);
              }
            });
    Series steps = new Series(policy, points.points(policy, plan.gapAfterSeconds()));
    if (!steps.points().isEmpty()) {
      series.accept(new SampledSeries(steps, steps));
    }
    return points.implausible();
  }

  private long readRows(List<Long> policies, HistoryPlan plan, Consumer<SampledSeries> series) {
    if (policies.isEmpty() || !extraction.exists()) {
      return 0;
    }
    TimeRange range = plan.range();
    Consumer<Series> unsampled = found -> series.accept(new SampledSeries(found, found));
    ExportQuery selection =
        new ExportQuery(ExportTable.STATS, ValueScan.FIELDS, policies, range, extraction.keys());
    @Nullable OnePolicy current = null;
    long implausible = 0;
    Batch batch = new Batch(ValueScan.FIELDS.size());
    try (RowScan scan = extraction.byGroup(selection, true)) {
      while (scan.fill(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          Reading reading = ValueScan.reading(batch, row);
          if (current == null || current.policyId != reading.policyId()) {
            implausible += finish(current, unsampled);
            current = new OnePolicy(reading.policyId(), plan);
          }
          current.stepping.accept(reading);
        }
        batch.clear();
      }
    }
    return implausible + finish(current, unsampled);
  }

  private static long finish(@Nullable OnePolicy policy, Consumer<Series> series) {
    if (policy == null) {
      return 0;
    }
    policy.stepping.finish();
    if (!policy.points.isEmpty()) {
      series.accept(new Series(policy.policyId, policy.points));
    }
    return policy.stepping.implausible();
  }

  /// A policy whose readings are coming.
  private static final class OnePolicy {
    private final long policyId;
    private final List<Point> points = new ArrayList<>();
    private final Stepping stepping;

    OnePolicy(long policyId, HistoryPlan plan) {
      this.policyId = policyId;
      this.stepping =
          new Stepping(plan.buckets(), plan.range(), plan.gapAfterSeconds(), points::add);
    }
  }
}
