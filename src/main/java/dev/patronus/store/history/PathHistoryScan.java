package dev.patronus.store.history;

import static java.util.Objects.requireNonNull;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// Reads the history of paths: measurements from `sdwan_path_metrics`, the status from
/// `sdwan_path_health`, by their indexes (path_id, timestamp).
///
/// Confined to the database's thread. A table that is missing in this schema version has no rows.
public final class PathHistoryScan {
  private static final List<ExportColumn> MEASURED =
      fields(
          ExportTable.PATH_METRICS,
          "timestamp",
          "latency_ms",
          "jitter_ms",
          "packet_loss_pct",
          "path_id");
  private static final List<ExportColumn> STATUS =
      fields(ExportTable.PATH_HEALTH, "timestamp", "status", "path_id");

  private static final int TIMESTAMP = 0;
  private static final int LATENCY = 1;
  private static final int JITTER = 2;
  private static final int LOSS = 3;
  private static final int MEASURED_PATH = 4;
  private static final int STATUS_WORD = 1;
  private static final int STATUS_PATH = 2;

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
    return requireNonNull(read(List.of(pathId), range, buckets).get(pathId));
  }

  /// Reads the history of several paths, each with one step in the index of both tables.
  ///
  /// @param range ends with the present at the latest
  public Map<Long, PathSeries> read(List<Long> pathIds, TimeRange range, Buckets buckets) {
    List<Long> ordered = pathIds.stream().distinct().sorted(Long::compareUnsigned).toList();
    Map<Long, PathSeries> series = new HashMap<>();
    if (ordered.isEmpty()) {
      return series; // of no groups, a scan would read all
    }
    try (PathRows measured = PathRows.open(metrics, MEASURED, MEASURED_PATH, ordered, range);
        PathRows status =
            PathRows.open(health, STATUS, STATUS_PATH, ordered, withWhatHolds(range))) {
      for (long pathId : ordered) {
        PathStepping stepping = new PathStepping(buckets, range);
        measured.each(
            pathId,
            (batch, row) ->
                stepping.measured(
                    batch.whole(row, TIMESTAMP),
                    batch.decimal(row, LATENCY),
                    batch.decimal(row, JITTER),
                    batch.decimal(row, LOSS)));
        status.each(
            pathId,
            (batch, row) ->
                stepping.status(
                    batch.whole(row, TIMESTAMP), PathStatus.of(batch.text(row, STATUS_WORD))));
        series.put(pathId, stepping.finish());
      }
    }
    return series;
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

  /// The rows of paths in the order of these, as a scan reads them.
  private static final class PathRows implements AutoCloseable {
    private final RowScan scan;
    private final Batch batch;
    private final int pathColumn;
    private int row;

    private PathRows(RowScan scan, int columns, int pathColumn) {
      this.scan = scan;
      this.batch = new Batch(columns);
      this.pathColumn = pathColumn;
    }

    /// @param ordered the paths in unsigned order
    static PathRows open(
        TableScanner table,
        List<ExportColumn> fields,
        int pathColumn,
        List<Long> ordered,
        TimeRange range) {
      ExportQuery query = new ExportQuery(table.table(), fields, ordered, range, table.keys());
      return new PathRows(table.byGroup(query, false), fields.size(), pathColumn);
    }

    /// Takes the rows of a path, which come next or not at all.
    void each(long pathId, Taker taker) {
      while (hasNext() && path() == pathId) {
        if (batch.isWhole(row, TIMESTAMP)) {
          taker.take(batch, row);
        }
        row++;
      }
    }

    private boolean hasNext() {
      while (row == batch.rows()) {
        batch.clear();
        row = 0;
        if (!scan.fill(batch)) {
          return false;
        }
      }
      return true;
    }

    /// The path of the row; the table of health samples has it as a text.
    private long path() {
      return batch.isWhole(row, pathColumn)
          ? batch.whole(row, pathColumn)
          : Long.parseLong(batch.text(row, pathColumn));
    }

    @Override
    public void close() {
      scan.close();
    }
  }
}
