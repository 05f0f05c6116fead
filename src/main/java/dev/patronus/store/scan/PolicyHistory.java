package dev.patronus.store.scan;

import dev.patronus.history.Buckets;
import dev.patronus.history.Point;
import dev.patronus.history.Reading;
import dev.patronus.history.Series;
import dev.patronus.history.Stepping;
import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.time.TimeRange;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// The history of policies, read from the index (policy_id, timestamp): what lies outside of the
/// range costs nothing.
///
/// Confined to the database's thread.
public final class PolicyHistory {
  private final Database database;
  private final TableScanner extraction;

  public PolicyHistory(Database database) {
    this.database = database;
    this.extraction = new TableScanner(database, ExportTable.STATS);
  }

  /// The policies that have a history, in unsigned order of their ids.
  public List<Long> policies() {
    return extraction.exists() ? extraction.groups() : List.of();
  }

  /// The first second that these policies have a reading of; empty if they have none.
  public OptionalLong firstSecond(List<Long> policies) {
    OptionalLong first = OptionalLong.empty();
    for (long policy : policies) {
      OptionalLong second = firstSecond(policy);
      if (second.isPresent() && second.getAsLong() < first.orElse(Long.MAX_VALUE)) {
        first = second;
      }
    }
    return first;
  }

  private OptionalLong firstSecond(long policy) {
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

  /// Reads the history of each of these policies, one after the other.
  ///
  /// @param gapAfterSeconds a change over more time than this marks its point as a gap
  /// @param series is given one for each policy that has a reading in the range
  /// @return how many readings were passed over because their counters cannot be true
  public long read(
      List<Long> policies,
      TimeRange range,
      Buckets buckets,
      long gapAfterSeconds,
      Consumer<Series> series) {
    if (policies.isEmpty() || !extraction.exists()) {
      return 0;
    }
    ExportQuery selection =
        new ExportQuery(ExportTable.STATS, ValueScan.FIELDS, policies, range, extraction.keys());
    OnePolicy current = null;
    long implausible = 0;
    Batch batch = new Batch(ValueScan.FIELDS.size());
    try (RowScan scan = extraction.byGroup(selection, true)) {
      while (scan.fill(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          Reading reading = ValueScan.reading(batch, row);
          if (current == null || current.policyId != reading.policyId()) {
            implausible += finish(current, series);
            current = new OnePolicy(reading.policyId(), buckets, range, gapAfterSeconds);
          }
          current.stepping.accept(reading);
        }
        batch.clear();
      }
    }
    return implausible + finish(current, series);
  }

  private static long finish(OnePolicy policy, Consumer<Series> series) {
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

    OnePolicy(long policyId, Buckets buckets, TimeRange range, long gapAfterSeconds) {
      this.policyId = policyId;
      this.stepping = new Stepping(buckets, range, gapAfterSeconds, points::add);
    }
  }
}
