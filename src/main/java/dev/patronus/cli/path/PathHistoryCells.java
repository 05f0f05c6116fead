package dev.patronus.cli.path;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.NullableCell;
import dev.patronus.site.history.Distribution;
import dev.patronus.site.history.PathPoint;
import dev.patronus.site.history.Uptime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The cells of what a path was like in some time: a step, or the whole range.
final class PathHistoryCells {
  static final List<Column> COLUMNS =
      List.of(
          Column.of("latency_ms_95th", "LATENCY 95TH", Kind.MILLIS),
          Column.of("jitter_ms_95th", "JITTER 95TH", Kind.MILLIS),
          Column.of("packet_loss_pct_95th", "LOSS 95TH", Kind.PERCENT),
          Column.of("uptime_pct", "UPTIME", Kind.PERCENT),
          Column.of("samples", Kind.COUNT),
          Column.detail("latency_ms_mean", Kind.MILLIS),
          Column.detail("latency_ms_highest", Kind.MILLIS),
          Column.detail("jitter_ms_mean", Kind.MILLIS),
          Column.detail("jitter_ms_highest", Kind.MILLIS),
          Column.detail("packet_loss_pct_mean", Kind.PERCENT),
          Column.detail("packet_loss_pct_highest", Kind.PERCENT),
          Column.detail("health_samples", Kind.COUNT),
          Column.detail("observed_seconds", Kind.SECONDS),
          Column.detail("up_seconds", Kind.SECONDS),
          Column.detail("degraded_seconds", Kind.SECONDS),
          Column.detail("down_seconds", Kind.SECONDS));

  /// The cells where nothing is known.
  static final List<Object> NONE = Collections.nCopies(COLUMNS.size(), null);

  private PathHistoryCells() {}

  /// The cells under [#COLUMNS].
  static List<Object> of(PathPoint point) {
    Uptime uptime = point.uptime();
    List<Object> cells = new ArrayList<>();
    cells.add(NullableCell.of(point.latency().percentile95()));
    cells.add(NullableCell.of(point.jitter().percentile95()));
    cells.add(NullableCell.of(point.loss().percentile95()));
    cells.add(NullableCell.of(uptime.percent()));
    cells.add(point.samples());
    for (Distribution measure : List.of(point.latency(), point.jitter(), point.loss())) {
      cells.add(NullableCell.of(measure.mean()));
      cells.add(NullableCell.of(measure.highest()));
    }
    cells.add(uptime.samples());
    cells.add(uptime.observedSeconds());
    cells.add(uptime.upSeconds());
    cells.add(uptime.degradedSeconds());
    cells.add(uptime.downSeconds());
    return cells;
  }

  /// The same as members of a document.
  static Map<String, Object> members(PathPoint point) {
    Map<String, Object> members = new LinkedHashMap<>();
    List<Object> cells = of(point);
    for (int i = 0; i < cells.size(); i++) {
      members.put(COLUMNS.get(i).name(), cells.get(i));
    }
    return members;
  }
}
