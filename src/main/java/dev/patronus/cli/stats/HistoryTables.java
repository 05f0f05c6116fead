package dev.patronus.cli.stats;

import dev.patronus.cli.option.PolicyNames;
import dev.patronus.flow.Volume;
import dev.patronus.history.Bucket;
import dev.patronus.history.Estimate;
import dev.patronus.history.Point;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import dev.patronus.history.plan.HistorySums.Others;
import dev.patronus.history.plan.PolicySummary;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.time.EpochSeconds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The tables of a history: a row for each step, and one for each policy.
///
/// Confined to one thread. Programs get amounts and rates; people those that they asked for.
public final class HistoryTables {
  /// The id of what is no policy.
  private static final String SUM = "-";

  /// What a policy carried in all, without its steps.
  ///
  /// @param gateway null of a gateway's own, and of sums
  private record Total(
      @Nullable String gateway,
      String id,
      String name,
      Long packets,
      Long bytes,
      OptionalDouble bytesPerSecond95th,
      OptionalDouble bytesPerSecondHighest,
      @Nullable Integer resets,
      @Nullable Long gaps,
      boolean deleted) {
    static Total of(
        @Nullable String gateway, String id, String name, PolicySummary policy, boolean deleted) {
      return new Total(
          gateway,
          id,
          name,
          policy.packets(),
          policy.bytes(),
          policy.bytesPerSecond95th(),
          policy.bytesPerSecondHighest(),
          policy.resetTimes(),
          policy.gaps(),
          deleted);
    }

    /// What all policies carried, or others; resets are counted by step.
    static Total sum(String name, SampledSeries sampled) {
      Series series = sampled.steps();
      return new Total(
          null,
          SUM,
          name,
          series.packets(),
          series.bytes(),
          sampled.bytesPerSecond95th(),
          series.bytesPerSecondHighest(),
          series.resetEvents(),
          series.gaps(),
          false);
    }

    /// What stands for policies that are not shown: how many there are, and what they carried.
    static Total more(List<Total> rest, Others others) {
      return new Total(
          null,
          "-",
          "(" + HumanFormat.grouped(rest.size() + others.policies()) + " more)",
          Volume.saturatedSum(sum(rest, Total::packets), others.packets()),
          Volume.saturatedSum(sum(rest, Total::bytes), others.bytes()),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          null,
          null,
          false);
    }

    private static long sum(List<Total> rows, ToLongFunction<Total> value) {
      return rows.stream()
          .mapToLong(value)
          .reduce(0, (a, b) -> a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b);
    }
  }

  private final PolicyNames names;
  private final boolean people;
  private final boolean gateways;
  private final boolean rate;
  private final boolean byPolicy;
  private final List<Point> rows = new ArrayList<>();
  private final List<Total> policies = new ArrayList<>();
  private Others others = Others.NONE;

  public HistoryTables(PolicyNames names, Format format, boolean rate, boolean byPolicy) {
    this.names = names;
    this.people = format == Format.TABLE;
    this.gateways = people ? names.ofSeveralGateways() : names.ofHub();
    this.rate = rate;
    this.byPolicy = byPolicy;
  }

  private String name(long policyId) {
    return people ? names.shown(policyId) : names.name(policyId);
  }

  /// Adds what one policy carried.
  public void add(PolicySummary policy) {
    long id = policy.policyId();
    boolean deleted = names.deleted().contains(id);
    policies.add(Total.of(names.gateway(id), names.id(id), name(id), policy, deleted));
  }

  /// Adds the steps of one policy.
  void addSteps(Series series) {
    if (byPolicy) {
      rows.addAll(series.points());
    }
  }

  /// Adds policies that carried less than all others, and whose histories nobody wants to see.
  void addOthers(Others smaller) {
    others = smaller;
  }

  /// Adds the sum of all policies.
  public void addSum(List<Point> points) {
    if (!byPolicy) {
      rows.addAll(points);
    }
  }

  private int resets(Point point) {
    return byPolicy ? point.resets() : point.resetEvents();
  }

  private List<Column<Point>> columns() {
    List<Column<Point>> columns = new ArrayList<>();
    if (!people) {
      columns.add(Column.of("timestamp", Kind.ID, point -> point.bucket().startSecond()));
    }
    columns.add(
        Column.of(
            "time", Kind.TIME, point -> EpochSeconds.toInstant(point.bucket().startSecond())));
    if (byPolicy) {
      if (gateways) {
        columns.add(Column.of("gateway", Kind.TEXT, point -> names.gateway(point.policyId())));
      }
      if (!people) {
        columns.add(Column.of("policy_id", "ID", Kind.ID, point -> names.id(point.policyId())));
      }
      columns.add(Column.of("policy_name", "POLICY", Kind.TEXT, point -> name(point.policyId())));
    }
    if (!people || !rate) {
      columns.add(counted("packets_matched", "PACKETS", Kind.COUNT, Point::packets));
      columns.add(counted("bytes_matched", "BYTES", Kind.BYTES, Point::bytes));
    }
    if (!people || rate) {
      columns.add(Column.of("packets_per_second", "PACKETS/S", Kind.RATE, Point::packetsPerSecond));
      columns.add(Column.of("bytes_per_second", "RATE", Kind.BYTE_RATE, Point::bytesPerSecond));
    }
    columns.add(counted("active_flows", "FLOWS", Kind.COUNT, Point::activeFlows));
    if (people) {
      columns.add(Column.of("note", Kind.TEXT, point -> point.note(resets(point))));
    } else {
      columns.add(Column.of("elapsed_seconds", Kind.SECONDS, Point::coveredSeconds));
      columns.add(Column.of("resets", Kind.COUNT, this::resets));
      columns.add(Column.of("gap", Kind.FLAG, Point::gap));
    }
    return columns;
  }

  /// A column that is empty where nothing was read.
  private static Column<Point> counted(
      String name, String title, Kind kind, ToLongFunction<Point> value) {
    return Column.of(
        name, title, kind, point -> point.readings() == 0 ? null : (Long) value.applyAsLong(point));
  }

  /// The steps, the last `limit` of them.
  public Table<?> table(long limit) {
    int from = (int) Math.max(0, rows.size() - limit);
    return Table.of("rows", columns(), rows.subList(from, rows.size()));
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
  public Table<?> policies() {
    return Table.of("policies", totals(), policies);
  }

  /// The policies that carried most, for people, and below them rows that add up.
  Table<?> largest(int count, HistoryTotals totals) {
    List<Total> sorted =
        policies.stream().sorted(Comparator.comparingLong(Total::bytes).reversed()).toList();
    int shown = Math.min(count, sorted.size());
    List<Total> footer = new ArrayList<>();
    if (shown < sorted.size() || others.policies() > 0) {
      footer.add(Total.more(sorted.subList(shown, sorted.size()), others));
    }
    if (policies.size() > 1 || totals.unmatched().isPresent()) {
      totals.rows().forEach((name, sum) -> footer.add(Total.sum(name, sum)));
    }
    return Table.of("policies", totals(), sorted.subList(0, shown)).withFooter(footer);
  }

  private List<Column<Total>> totals() {
    List<Column<Total>> columns = new ArrayList<>();
    if (gateways) {
      columns.add(Column.of("gateway", Kind.TEXT, Total::gateway));
    }
    Column<Total> id = Column.of("policy_id", "ID", Kind.ID, Total::id);
    if (!people) {
      columns.add(id);
    }
    columns.add(Column.of("name", "POLICY", Kind.TEXT, Total::name));
    columns.add(Column.of("packets_matched", "PACKETS", Kind.COUNT, Total::packets));
    columns.add(Column.of("bytes_matched", "BYTES", Kind.BYTES, Total::bytes));
    columns.add(
        Column.of("bytes_per_second_95th", "95TH", Kind.BYTE_RATE, Total::bytesPerSecond95th));
    if (!people) {
      columns.add(
          Column.of(
              "bytes_per_second_highest", "HIGHEST", Kind.BYTE_RATE, Total::bytesPerSecondHighest));
    }
    columns.add(Column.of("resets", Kind.COUNT, Total::resets));
    columns.add(Column.of("gaps", Kind.COUNT, Total::gaps));
    columns.add(people ? id : Column.of("deleted", Kind.FLAG, Total::deleted));
    return columns;
  }
}
