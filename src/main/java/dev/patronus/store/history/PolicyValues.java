package dev.patronus.store.history;

import dev.patronus.history.Buckets;
import dev.patronus.history.Change;
import dev.patronus.history.CounterMode;
import dev.patronus.history.Deltas;
import dev.patronus.history.Point;
import dev.patronus.history.Reading;
import dev.patronus.history.Stepping;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.time.TimeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Exports of policies' counters whose values are made of one row and those before it: differences,
/// rates, steps of time.
///
/// Each kind has columns of its own, which [#columns] gives.
///
/// @param step the steps into which rows are gathered; empty for row by row
public record PolicyValues(CounterMode values, Optional<Buckets> step) {
  /// What policies are called by their numbers.
  ///
  /// @param names of the column `policy_name`
  /// @param ids of the column `policy_id`
  /// @param gateways of the column `gateway`
  public record Names(
      Map<Long, String> names, LongUnaryOperator ids, LongFunction<String> gateways) {
    private static final Names NONE = of(Map.of());

    /// Those of a gateway's own policies, whose numbers are their ids.
    public static Names of(Map<Long, String> names) {
      return new Names(names, id -> id, _ -> "");
    }
  }

  /// A row of the table, and its change from the previous one; filled for one row after the other
  /// where no row is kept.
  private static final class Row {
    private long statId;
    private long policyId;
    private long second;
    private long packets;
    private long bytes;
    private long activeFlows;

    /// Whether there is a row to compare it with; what follows is only set then.
    private boolean changed;

    private boolean reset;
    private long morePackets;
    private long moreBytes;
    private long elapsedSeconds;

    static Row of(long statId, Reading reading, Change change) {
      Row row = new Row();
      row.fill(statId, reading, change);
      return row;
    }

    void fill(long id, Reading reading, Change change) {
      statId = id;
      policyId = reading.policyId();
      second = reading.epochSecond();
      packets = reading.packets();
      bytes = reading.bytes();
      activeFlows = reading.activeFlows();
      changed = change instanceof Change.Delta;
      reset = false;
      if (change instanceof Change.Delta delta) {
        reset = delta.reset();
        morePackets = delta.packets();
        moreBytes = delta.bytes();
        elapsedSeconds = delta.elapsedSeconds();
      }
    }

    OptionalDouble perSecond(long amount) {
      return changed && elapsedSeconds > 0
          ? OptionalDouble.of((double) amount / elapsedSeconds)
          : OptionalDouble.empty();
    }
  }

  /// A column of an export and how its cell is set.
  private record Cell<T>(Heading heading, ValueScan.CellSetter<T> setter) {}

  /// All columns, the default ones first.
  public List<Heading> columns() {
    return (steppedChanges() ? pointCells(Names.NONE) : rowCells(Names.NONE))
        .stream().map(Cell::heading).toList();
  }

  /// The number of [#columns] that are exported by default.
  public int defaultColumns() {
    return columns().size() - 2;
  }

  /// Whether it has the sums or rates of steps.
  public boolean steppedChanges() {
    return step.isPresent() && values != CounterMode.CUMULATIVE;
  }

  /// Opens the scan of sums or rates of steps that are read from roll-ups.
  ///
  /// @param policies those whose history is wanted
  /// @param names the columns that are wanted
  /// @param policyNames what policies are called
  public RowScan open(
      HistorySource history,
      HistoryPlan plan,
      List<Long> policies,
      List<String> names,
      Names policyNames) {
    return new PointScan(
        history,
        plan,
        policies,
        pick(pointCells(policyNames), gateway(Point::policyId, policyNames), names));
  }

  /// Opens the scan of what is made of rows.
  ///
  /// @param selection its fields are those of the table; see [#columns] for what comes out
  /// @param names the columns that are wanted
  /// @param policyNames what policies are called
  public RowScan open(
      TableScanner extraction, ExportQuery selection, List<String> names, Names policyNames) {
    RowScan raw = extraction.byGroup(selection, values != CounterMode.CUMULATIVE);
    return open(raw, selection.range(), names, policyNames);
  }

  /// The same of rows that are read already, policy by policy.
  ///
  /// @param raw has the fields of the table; rows outside of the range only tell what others are
  ///   compared with
  public RowScan open(RowScan raw, TimeRange range, List<String> names, Names policyNames) {
    if (steppedChanges()) {
      return new ValueScan<>(
          raw,
          pick(pointCells(policyNames), gateway(Point::policyId, policyNames), names),
          out -> points(range, out));
    }
    return new ValueScan<>(
        raw,
        pick(rowCells(policyNames), gateway(row -> row.policyId, policyNames), names),
        out -> step.isPresent() ? new LastOfStep(step.get(), out) : new RowByRow(range, out));
  }

  /// Opens the scan of the changes of all policies' rows, in the order in which they were written.
  ///
  /// @param selection its fields are those of the table, all groups
  /// @param byArrival the policies whose rows did not come in order of time, because a clock jumped
  public RowScan openAsWritten(
      Database database,
      TableScanner scanner,
      ExportQuery selection,
      Set<Long> byArrival,
      List<String> names,
      Names policyNames) {
    List<ValueScan.CellSetter<Row>> cells =
        pick(rowCells(policyNames), gateway(row -> row.policyId, policyNames), names);
    return new ChangeScan(database, scanner, selection, byArrival, () -> rowSetter(cells));
  }

  private static ChangeScan.RowSetter rowSetter(List<ValueScan.CellSetter<Row>> cells) {
    Row row = new Row();
    return (batch, statId, reading, change) -> {
      row.fill(statId, reading, change);
      for (int i = 0; i < cells.size(); i++) {
        cells.get(i).set(batch, i, row);
      }
      batch.endRow();
    };
  }

  private ValueScan.Derivation points(TimeRange range, Consumer<Point> out) {
    Buckets buckets = step.orElseThrow();
    long gap = Point.gapAfterSeconds(buckets.step());
    Stepping stepping = new Stepping(buckets, range, gap, out);
    return new ValueScan.Derivation() {
      @Override
      public void accept(long statId, Reading reading) {
        stepping.accept(reading);
      }

      @Override
      public void finish() {
        stepping.finish();
      }
    };
  }

  /// Each row and its change; rows outside of the range only tell what others are compared with.
  private static final class RowByRow implements ValueScan.Derivation {
    private final Deltas deltas = new Deltas();
    private final TimeRange range;
    private final Consumer<Row> out;

    RowByRow(TimeRange range, Consumer<Row> out) {
      this.range = range;
      this.out = out;
    }

    @Override
    public void accept(long statId, Reading reading) {
      Change change = deltas.next(reading);
      boolean last = range.until().isEmpty() || reading.epochSecond() < range.endSecond();
      if (reading.epochSecond() >= range.firstSecond() && last) {
        out.accept(Row.of(statId, reading, change));
      }
    }

    @Override
    public void finish() {
      // nothing is held back
    }
  }

  /// Of each step the last row.
  private static final class LastOfStep implements ValueScan.Derivation {
    private final Buckets buckets;
    private final Consumer<Row> out;
    private @Nullable Row last;

    LastOfStep(Buckets buckets, Consumer<Row> out) {
      this.buckets = buckets;
      this.out = out;
    }

    @Override
    public void accept(long statId, Reading reading) {
      if (last != null && !buckets.at(last.second).contains(reading.epochSecond())) {
        out.accept(last);
      }
      last = Row.of(statId, reading, new Change.First(reading));
    }

    @Override
    public void finish() {
      if (last != null) {
        out.accept(last);
      }
    }
  }

  private static <T> Cell<T> gateway(ToLongFunction<T> number, Names names) {
    return new Cell<>(
        Heading.of("gateway", Kind.TEXT),
        (batch, column, row) ->
            batch.text(column, names.gateways().apply(number.applyAsLong(row))));
  }

  private static <T> List<ValueScan.CellSetter<T>> pick(
      List<Cell<T>> known, Cell<T> gateway, List<String> names) {
    List<Cell<T>> cells = new ArrayList<>(known);
    cells.add(gateway);
    List<ValueScan.CellSetter<T>> picked = new ArrayList<>();
    for (String name : names) {
      Cell<T> found =
          cells.stream()
              .filter(cell -> cell.heading().name().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no column " + name));
      picked.add(found.setter());
    }
    return List.copyOf(picked);
  }

  private List<Cell<Row>> rowCells(Names policyNames) {
    List<Cell<Row>> cells = new ArrayList<>();
    cells.add(whole("stat_id", Kind.ID, row -> row.statId));
    cells.add(policyId(row -> row.policyId, policyNames));
    cells.add(whole("timestamp", Kind.ID, row -> row.second));
    switch (values) {
      case CUMULATIVE -> {
        cells.add(whole("packets_matched", Kind.COUNT, row -> row.packets));
        cells.add(whole("bytes_matched", Kind.BYTES, row -> row.bytes));
      }
      case DELTA -> {
        cells.add(changed("packets_matched", Kind.COUNT, row -> row.morePackets));
        cells.add(changed("bytes_matched", Kind.BYTES, row -> row.moreBytes));
      }
      case RATE -> {
        cells.add(rate("packets_per_second", Kind.RATE, row -> row.perSecond(row.morePackets)));
        cells.add(rate("bytes_per_second", Kind.BYTE_RATE, row -> row.perSecond(row.moreBytes)));
      }
    }
    cells.add(whole("active_flows", Kind.COUNT, row -> row.activeFlows));
    if (values != CounterMode.CUMULATIVE) {
      cells.add(changed("elapsed_seconds", Kind.SECONDS, row -> row.elapsedSeconds));
      cells.add(
          new Cell<>(
              Heading.of("reset", Kind.FLAG),
              (batch, column, row) -> batch.flag(column, row.reset)));
    }
    cells.add(time(row -> row.second));
    cells.add(policyName(row -> row.policyId, policyNames));
    return cells;
  }

  private List<Cell<Point>> pointCells(Names policyNames) {
    List<Cell<Point>> cells = new ArrayList<>();
    cells.add(policyId(Point::policyId, policyNames));
    cells.add(whole("timestamp", Kind.ID, point -> point.bucket().startSecond()));
    if (values == CounterMode.RATE) {
      cells.add(rate("packets_per_second", Kind.RATE, Point::packetsPerSecond));
      cells.add(rate("bytes_per_second", Kind.BYTE_RATE, Point::bytesPerSecond));
    } else {
      cells.add(whole("packets_matched", Kind.COUNT, Point::packets));
      cells.add(whole("bytes_matched", Kind.BYTES, Point::bytes));
    }
    cells.add(whole("active_flows", Kind.COUNT, Point::activeFlows));
    cells.add(whole("elapsed_seconds", Kind.SECONDS, Point::coveredSeconds));
    cells.add(whole("resets", Kind.COUNT, Point::resets));
    cells.add(
        new Cell<>(
            Heading.of("gap", Kind.FLAG),
            (batch, column, point) -> batch.flag(column, point.gap())));
    cells.add(time(point -> point.bucket().startSecond()));
    cells.add(policyName(Point::policyId, policyNames));
    return cells;
  }

  private static <T> Cell<T> whole(String name, Kind kind, ToLongFunction<T> value) {
    return new Cell<>(
        Heading.of(name, kind),
        (batch, column, row) -> batch.number(column, value.applyAsLong(row)));
  }

  private static <T> Cell<T> policyId(ToLongFunction<T> number, Names names) {
    return new Cell<>(
        Heading.of("policy_id", Kind.ID),
        (batch, column, row) ->
            batch.unsigned(column, names.ids().applyAsLong(number.applyAsLong(row))));
  }

  private static <T> Cell<T> time(ToLongFunction<T> second) {
    return new Cell<>(
        Heading.of("time", Kind.TIME),
        (batch, column, row) -> batch.time(column, second.applyAsLong(row)));
  }

  private static <T> Cell<T> policyName(ToLongFunction<T> id, Names names) {
    return new Cell<>(
        Heading.of("policy_name", Kind.TEXT),
        (batch, column, row) -> {
          String name = names.names().get(id.applyAsLong(row));
          if (name == null) {
            batch.absent(column);
          } else {
            batch.text(column, name);
          }
        });
  }

  /// A number that only a change has; the first row of a policy has none.
  private static Cell<Row> changed(String name, Kind kind, ToLongFunction<Row> value) {
    return new Cell<>(
        Heading.of(name, kind),
        (batch, column, row) -> {
          if (row.changed) {
            batch.number(column, value.applyAsLong(row));
          } else {
            batch.absent(column);
          }
        });
  }

  private static <T> Cell<T> rate(String name, Kind kind, Function<T, OptionalDouble> value) {
    return new Cell<>(
        Heading.of(name, kind),
        (batch, column, row) -> {
          OptionalDouble rate = value.apply(row);
          if (rate.isPresent()) {
            batch.decimal(column, rate.getAsDouble());
          } else {
            batch.absent(column);
          }
        });
  }
}
