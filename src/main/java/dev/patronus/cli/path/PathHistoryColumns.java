package dev.patronus.cli.path;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.site.history.PathPoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The columns of what a path was like in some time: a step, or the whole range.
final class PathHistoryColumns {
  static final List<Column<PathPoint>> ALL =
      List.of(
          Column.of(
              "latency_ms_95th",
              "LATENCY 95TH",
              Kind.MILLIS,
              point -> point.latency().percentile95()),
          Column.of(
              "jitter_ms_95th", "JITTER 95TH", Kind.MILLIS, point -> point.jitter().percentile95()),
          Column.of(
              "packet_loss_pct_95th",
              "LOSS 95TH",
              Kind.PERCENT,
              point -> point.loss().percentile95()),
          Column.of("uptime_pct", "UPTIME", Kind.PERCENT, point -> point.uptime().percent()),
          Column.of("samples", Kind.COUNT, PathPoint::samples),
          Column.detail("latency_ms_mean", Kind.MILLIS, point -> point.latency().mean()),
          Column.detail("latency_ms_highest", Kind.MILLIS, point -> point.latency().highest()),
          Column.detail("jitter_ms_mean", Kind.MILLIS, point -> point.jitter().mean()),
          Column.detail("jitter_ms_highest", Kind.MILLIS, point -> point.jitter().highest()),
          Column.detail("packet_loss_pct_mean", Kind.PERCENT, point -> point.loss().mean()),
          Column.detail("packet_loss_pct_highest", Kind.PERCENT, point -> point.loss().highest()),
          Column.detail("health_samples", Kind.COUNT, point -> point.uptime().samples()),
          Column.detail(
              "observed_seconds", Kind.SECONDS, point -> point.uptime().observedSeconds()),
          Column.detail("up_seconds", Kind.SECONDS, point -> point.uptime().upSeconds()),
          Column.detail(
              "degraded_seconds", Kind.SECONDS, point -> point.uptime().degradedSeconds()),
          Column.detail("down_seconds", Kind.SECONDS, point -> point.uptime().downSeconds()));

  private PathHistoryColumns() {}

  /// Their cells as members of a document.
  static Map<String, Object> members(PathPoint point) {
    Map<String, Object> members = new LinkedHashMap<>();
    ALL.forEach(column -> members.put(column.name(), column.cell(point)));
    return members;
  }
}
