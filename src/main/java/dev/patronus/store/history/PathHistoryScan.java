package dev.patronus.store.history;

import dev.patronus.history.Buckets;
import dev.patronus.output.row.Batch;
import dev.patronus.site.PathStatus;
import dev.patronus.site.history.PathSeries;
import dev.patronus.site.history.PathStepping;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.time.TimeRange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// Reads the history of paths: measurements from `sdwan_path_metrics`, the status from
/// `sdwan_path_health`, by their indexes (path_id, timestamp).
///
/// Confined to the database's thread. A table that is missing in this schema version has no rows.
public final class PathHistoryScan {
  private static final List<ExportColumn> MEASURED =
      fields(ExportTable.PATH_METRICS, "timestamp", "latency_ms", "jitter_ms", "packet_loss_pct");
  private static final List<ExportColumn> STATUS =
      fields(ExportTable.PATH_HEALTH, "timestamp", "status");

  private static final int TIMESTAMP = 0;
  private static final int LATENCY = 1;
  private static final int JITTER = 2;
  private static final int LOSS = 3;
  private static final int STATUS_WORD = 1;

  private final TableScanner metrics;
  private final TableScanner health;

  public PathHistoryScan(Database database) {
    this.metrics = new TableScanner(database, ExportTable.PATH_METRICS);
    this.health = new TableScanner(database, ExportTable.PATH_HEALTH);
  }

  private static List<ExportColumn> fields(ExportTable table, String... names) {
    return List.of(names).stream().map(table::field).toList();
  }

  /// Whether the database has a table with the status of paths.
  public boolean knowsStatus() {
    return health.exists();
  }

  /// The first second that anything is known of a path; empty if nothing is.
  public OptionalLong firstSecond(long pathId) {
    return LongStream.concat(
            metrics.firstSecond(pathId).stream(), health.firstSecond(pathId).stream())
        .min();
  }

  /// Reads the history of a path.
  ///
  /// @param range ends with the present at the latest
  public PathSeries read(long pathId, TimeRange range, Buckets buckets) {
    PathStepping stepping = new PathStepping(buckets, range);
    each(
        metrics,
        MEASURED,
        pathId,
        range,
        (batch, row) ->
            stepping.measured(
                batch.whole(row, TIMESTAMP),
                batch.decimal(row, LATENCY),
                batch.decimal(row, JITTER),
                batch.decimal(row, LOSS)));
    each(
        health,
        STATUS,
        pathId,
        withWhatHolds(range),
        (batch, row) ->
            stepping.status(
                batch.whole(row, TIMESTAMP), PathStatus.of(batch.text(row, STATUS_WORD))));
    return stepping.finish();
  }

  /// The range with the time before it whose status may still hold.
  private static TimeRange withWhatHolds(TimeRange range) {
    Optional<Instant> since =
        range.since().map(start -> start.minusSeconds(PathStepping.HOLD_SECONDS));
    return new TimeRange(since, range.until());
  }

  /// Takes a row of a batch.
  private interface Taker {
    void take(Batch batch, int row);
  }

  private static void each(
      TableScanner table, List<ExportColumn> fields, long pathId, TimeRange range, Taker taker) {
    if (!table.exists()) {
      return;
    }
    Batch batch = new Batch(fields.size());
    ExportQuery query =
        new ExportQuery(table.table(), fields, List.of(pathId), range, table.keys());
    try (RowScan scan = table.byGroup(query, false)) {
      while (scan.fill(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          if (batch.isWhole(row, TIMESTAMP)) {
            taker.take(batch, row);
          }
        }
        batch.clear();
      }
    }
  }
}
