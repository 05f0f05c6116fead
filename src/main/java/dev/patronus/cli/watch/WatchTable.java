package dev.patronus.cli.watch;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.traffic.TrafficAnswer;
import dev.patronus.history.RateSample;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.NullableCell;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.Screen;
import dev.patronus.output.text.Sparkline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The tables of a watch: one for people, one for programs.
final class WatchTable {
  private static final Column TIME = Column.of("time", Kind.TIME);
  private static final Column NAME = Column.of("name", "POLICY", Kind.TEXT);
  private static final Column RATE = Column.of("bytes_per_second", "RATE", Kind.BYTE_RATE);
  private static final Column RECENT = Column.of("recent", Kind.ID);
  private static final Column GAINED = Column.of("bytes_gained", "GAINED", Kind.BYTES);
  private static final Column FLOWS = Column.of("active_flows", "FLOWS", Kind.COUNT);
  private static final Column BYTES = Column.of("bytes_matched", "BYTES", Kind.BYTES);
  private static final Column PACKET_RATE = Column.of("packets_per_second", "PACKETS/S", Kind.RATE);
  private static final Column SOURCE = Column.of("source", Kind.TEXT);
  private static final Column NOTE = Column.of("note", Kind.TEXT);

  /// Columns of a screen from which on there is room for the bytes in all.
  private static final int NARROW = 64;

  /// Columns of a screen from which on there is room for all.
  private static final int DEFAULT = 76;

  private WatchTable() {}

  /// The rows of a screen, with a line of their last readings. Where it is narrow, the columns that
  /// are looked at least are not there, so that names have room.
  static Table screen(List<WatchedRow> rows, List<WatchedRow> below, int beats, Screen screen) {
    List<Column> columns =
        List.of(NAME, RATE, RECENT, GAINED, FLOWS, BYTES, PACKET_RATE)
            .subList(0, screen.columns() < NARROW ? 5 : screen.columns() < DEFAULT ? 6 : 7);
    Table table = new Table("policies", "", columns);
    for (WatchedRow row : rows) {
      table.row(screenCells(row, beats, screen.unicode(), columns.size()));
    }
    for (WatchedRow row : below) {
      table.footer(screenCells(row, beats, screen.unicode(), columns.size()));
    }
    return table;
  }

  private static Object[] screenCells(WatchedRow row, int beats, boolean unicode, int columns) {
    Object[] all = {
      row.name(),
      NullableCell.of(row.row().bytesPerSecond()),
      sparkline(row.beats(), beats, unicode),
      row.bytesGained(),
      row.row().traffic().activeFlows(),
      row.row().traffic().bytes(),
      NullableCell.of(row.row().packetsPerSecond())
    };
    return Arrays.copyOf(all, columns);
  }

  private static String sparkline(List<RateSample> beats, int width, boolean unicode) {
    double[] rates = beats.stream().mapToDouble(RateSample::bytesPerSecond).toArray();
    boolean[] resets = new boolean[rates.length];
    for (int i = 0; i < resets.length; i++) {
      resets[i] = beats.get(i).reset();
    }
    return Sparkline.of(rates, resets, width, unicode);
  }

  /// The lines that a reading adds: each begins with its time.
  static Table lines(WatchReading reading) {
    Table table =
        new Table(
            "policies", "", TIME, NAME, RATE, GAINED, FLOWS, BYTES, PACKET_RATE, SOURCE, NOTE);
    List<WatchedRow> rows = new ArrayList<>(reading.rows());
    if (!reading.hidden().isEmpty()) {
      rows.add(WatchedRow.more(reading.hidden()));
    }
    rows.addAll(reading.sums());
    for (WatchedRow row : rows) {
      table.row(
          reading.time(),
          row.name(),
          NullableCell.of(row.row().bytesPerSecond()),
          row.bytesGained(),
          row.row().traffic().activeFlows(),
          row.row().traffic().bytes(),
          NullableCell.of(row.row().packetsPerSecond()),
          EnumNames.of(reading.now().source()),
          note(row));
    }
    return table;
  }

  private static String note(WatchedRow row) {
    return !row.beats().isEmpty() && row.beats().getLast().reset() ? "reset" : "";
  }

  /// The rows of a reading for programs: those of `stats`, and what the watch adds; of these the
  /// columns that were asked for.
  static Table programs(Invocation call, WatchReading reading, boolean timed) {
    Table table = programs(reading, timed);
    return call.columns()
        .map(names -> Invocation.selected(() -> table.select(names)))
        .orElse(table);
  }

  private static Table programs(WatchReading reading, boolean timed) {
    List<Column> columns = new ArrayList<>();
    if (timed) {
      columns.add(TIME);
      columns.add(SOURCE);
    }
    columns.addAll(TrafficAnswer.PROGRAMS);
    columns.add(Column.of("packets_gained", Kind.COUNT));
    columns.add(GAINED);
    columns.add(Column.of("resets", Kind.COUNT));
    columns.addAll(TrafficAnswer.AGES);
    Table table = new Table("policies", "", columns);
    for (WatchedRow row : reading.rows()) {
      List<Object> cells = new ArrayList<>();
      if (timed) {
        cells.add(reading.time());
        cells.add(EnumNames.of(reading.now().source()));
      }
      cells.addAll(TrafficAnswer.programCells(row.row()));
      cells.add(row.packetsGained());
      cells.add(row.bytesGained());
      cells.add(row.resets());
      cells.addAll(TrafficAnswer.ageCells(row.row(), reading.now(), reading.time()));
      table.row(cells.toArray());
    }
    return table;
  }

  /// What is left of a watch: the means and peaks of all that was seen.
  static Table summary(List<WatchedRow> rows, List<WatchedRow> below, double seconds) {
    Table table =
        new Table(
            "policies",
            "",
            NAME,
            GAINED,
            Column.of("packets_gained", "PACKETS", Kind.COUNT),
            Column.of("mean", "MEAN RATE", Kind.BYTE_RATE),
            Column.of("peak", "PEAK RATE", Kind.BYTE_RATE),
            Column.of("resets", Kind.COUNT));
    rows.forEach(row -> table.row(summaryCells(row, seconds)));
    below.forEach(row -> table.footer(summaryCells(row, seconds)));
    return table;
  }

  private static Object[] summaryCells(WatchedRow row, double seconds) {
    return new Object[] {
      row.name(),
      row.bytesGained(),
      row.packetsGained(),
      seconds > 0 ? row.bytesGained() / seconds : null,
      NullableCell.of(row.bytesPerSecondHighest()),
      row.resets()
    };
  }
}
