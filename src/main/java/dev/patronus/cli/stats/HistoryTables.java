package dev.patronus.cli.stats;

import dev.patronus.cli.option.PolicyNames;
import dev.patronus.history.Bucket;
import dev.patronus.history.Estimate;
import dev.patronus.history.Point;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.NullableCell;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyId;
import dev.patronus.time.EpochSeconds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tables of a history: a row for each step, and one for each policy.
///
/// Confined to one thread. Programs get amounts and rates; people those that they asked for.
public final class HistoryTables {
  private static final int PACKETS = 2;
  private static final int BYTES = 3;

  private final PolicyNames names;
  private final boolean people;
  private final boolean rate;
  private final boolean byPolicy;
  private final List<Object[]> rows = new ArrayList<>();
  private final List<Object[]> policies = new ArrayList<>();

  public HistoryTables(PolicyNames names, Format format, boolean rate, boolean byPolicy) {
    this.names = names;
    this.people = format == Format.TABLE;
    this.rate = rate;
    this.byPolicy = byPolicy;
  }

  private String name(long policyId) {
    return people ? names.shown(policyId) : names.name(policyId);
  }

  /// Adds the history of one policy.
  public void add(SampledSeries sampled) {
    Series series = sampled.steps();
    long id = series.policyId();
    List<Object> cells = new ArrayList<>();
    cells.add(PolicyId.format(id));
    cells.add(name(id));
    cells.add(series.packets());
    cells.add(series.bytes());
    cells.add(NullableCell.of(sampled.bytesPerSecond95th()));
    if (!people) {
      cells.add(NullableCell.of(series.bytesPerSecondHighest()));
    }
    cells.add(series.resets());
    cells.add(series.gaps());
    if (!people) {
      cells.add(names.deleted().contains(id));
    }
    policies.add(cells.toArray());
    if (byPolicy) {
      series.points().forEach(this::add);
    }
  }

  /// Adds the sum of all policies.
  public void addSum(List<Point> points) {
    if (!byPolicy) {
      points.forEach(this::add);
    }
  }

  private void add(Point point) {
    List<Object> cells = new ArrayList<>();
    boolean empty = point.readings() == 0;
    if (people) {
      cells.add(EpochSeconds.toInstant(point.bucket().startSecond()));
    } else {
      cells.add(point.bucket().startSecond());
      cells.add(EpochSeconds.toInstant(point.bucket().startSecond()));
    }
    if (byPolicy) {
      if (!people) {
        cells.add(PolicyId.format(point.policyId()));
      }
      cells.add(name(point.policyId()));
    }
    if (!people || !rate) {
      cells.add(empty ? null : point.packets());
      cells.add(empty ? null : point.bytes());
    }
    if (!people || rate) {
      cells.add(NullableCell.of(point.packetsPerSecond()));
      cells.add(NullableCell.of(point.bytesPerSecond()));
    }
    cells.add(empty ? null : point.activeFlows());
    if (people) {
      cells.add(note(point));
    } else {
      cells.add(point.coveredSeconds());
      cells.add(point.resets());
      cells.add(point.gap());
    }
    rows.add(cells.toArray());
  }

  private static String note(Point point) {
    String resets =
        point.resets() == 0 ? "" : point.resets() == 1 ? "reset" : point.resets() + " resets";
    return point.gap() ? (resets.isEmpty() ? "gap" : resets + ", gap") : resets;
  }

  private List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    if (!people) {
      columns.add(Column.of("timestamp", Kind.ID));
    }
    columns.add(Column.of("time", Kind.TIME));
    if (byPolicy) {
      if (!people) {
        columns.add(Column.of("policy_id", "ID", Kind.ID));
      }
      columns.add(Column.of("policy_name", "POLICY", Kind.TEXT));
    }
    if (!people || !rate) {
      columns.add(Column.of("packets_matched", "PACKETS", Kind.COUNT));
      columns.add(Column.of("bytes_matched", "BYTES", Kind.BYTES));
    }
    if (!people || rate) {
      columns.add(Column.of("packets_per_second", "PACKETS/S", Kind.RATE));
      columns.add(Column.of("bytes_per_second", "RATE", Kind.BYTE_RATE));
    }
    columns.add(Column.of("active_flows", "FLOWS", Kind.COUNT));
    if (people) {
      columns.add(Column.of("note", Kind.TEXT));
    } else {
      columns.add(Column.of("elapsed_seconds", Kind.SECONDS));
      columns.add(Column.of("resets", Kind.COUNT));
      columns.add(Column.of("gap", Kind.FLAG));
    }
    return columns;
  }

  /// The steps, the last `limit` of them.
  public Table table(long limit) {
    Table table = new Table("rows", "", columns());
    int from = (int) Math.max(0, rows.size() - limit);
    rows.subList(from, rows.size()).forEach(table::row);
    return table;
  }

  /// An estimate as members of a document.
  public static Map<String, Object> members(Estimate estimate) {
    Map<String, Object> members = new LinkedHashMap<>();
    Bucket step = estimate.soFar().bucket();
    members.put("since", EpochSeconds.toInstant(step.startSecond()));
    members.put("until", EpochSeconds.toInstant(step.endSecond()));
    members.put("packets_matched", estimate.soFar().packets());
    members.put("bytes_matched", estimate.soFar().bytes());
    members.put("elapsed_seconds", estimate.soFar().coveredSeconds());
    members.put("estimated_packets", estimate.packets());
    members.put("estimated_bytes", estimate.bytes());
    return members;
  }

  /// All policies that were counted, in order of their ids.
  public Table policies() {
    Table table = summary();
    policies.forEach(table::row);
    return table;
  }

  /// The policies that carried most, for people, and below them rows that add up.
  Table largest(int count, HistoryTotals totals) {
    Table table = summary();
    List<Object[]> sorted =
        policies.stream()
            .sorted(Comparator.comparingLong((Object[] cells) -> (Long) cells[BYTES]).reversed())
            .toList();
    sorted.stream().limit(count).forEach(table::row);
    List<Object[]> rest = sorted.subList(Math.min(count, sorted.size()), sorted.size());
    if (!rest.isEmpty()) {
      table.footer(
          "-",
          "(" + HumanFormat.grouped(rest.size()) + " more)",
          sum(rest, PACKETS),
          sum(rest, BYTES),
          null,
          null,
          null);
    }
    if (policies.size() > 1 || totals.unmatched().isPresent()) {
      totals.rows().forEach((name, sampled) -> addFooter(table, name, sampled));
    }
    return table;
  }

  private static void addFooter(Table table, String name, SampledSeries sampled) {
    Series series = sampled.steps();
    table.footer(
        "-",
        name,
        series.packets(),
        series.bytes(),
        NullableCell.of(sampled.bytesPerSecond95th()),
        series.resets(),
        series.gaps());
  }

  private static long sum(List<Object[]> rows, int column) {
    return rows.stream()
        .mapToLong(cells -> (Long) cells[column])
        .reduce(0, (a, b) -> a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b);
  }

  private Table summary() {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.of("policy_id", "ID", Kind.ID));
    columns.add(Column.of("name", "POLICY", Kind.TEXT));
    columns.add(Column.of("packets_matched", "PACKETS", Kind.COUNT));
    columns.add(Column.of("bytes_matched", "BYTES", Kind.BYTES));
    columns.add(Column.of("bytes_per_second_95th", "95TH", Kind.BYTE_RATE));
    if (!people) {
      columns.add(Column.of("bytes_per_second_highest", "HIGHEST", Kind.BYTE_RATE));
    }
    columns.add(Column.of("resets", Kind.COUNT));
    columns.add(Column.of("gaps", Kind.COUNT));
    if (!people) {
      columns.add(Column.of("deleted", Kind.FLAG));
    }
    return new Table("policies", "", columns);
  }
}
