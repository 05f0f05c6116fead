package dev.patronus.cli.watch;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.traffic.TrafficAnswer;
import dev.patronus.history.RateSample;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.Screen;
import dev.patronus.output.text.Sparkline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The tables of a watch: one for people, one for programs.
final class WatchTable {
  private static final Column<WatchedRow> NAME =
      Column.of("name", "POLICY", Kind.TEXT, WatchedRow::name);
  private static final Column<WatchedRow> RATE =
      Column.of("bytes_per_second", "RATE", Kind.BYTE_RATE, row -> row.row().bytesPerSecond());
  private static final Column<WatchedRow> GAINED =
      Column.of("bytes_gained", "GAINED", Kind.BYTES, WatchedRow::bytesGained);
  private static final Column<WatchedRow> FLOWS =
      Column.of("active_flows", "FLOWS", Kind.COUNT, row -> row.row().traffic().activeFlows());
  private static final Column<WatchedRow> BYTES =
      Column.of("bytes_matched", "BYTES", Kind.BYTES, row -> row.row().traffic().bytes());
  private static final Column<WatchedRow> PACKETS =
      Column.of("packets_matched", "PACKETS", Kind.COUNT, row -> row.row().traffic().packets());
  private static final Column<WatchedRow> PACKET_RATE =
      Column.of("packets_per_second", "PACKETS/S", Kind.RATE, row -> row.row().packetsPerSecond());
  private static final Column<WatchedRow> RESETS =
      Column.of("resets", Kind.COUNT, WatchedRow::resets);

  /// Columns of a screen from which on there is room for the bytes in all.
  private static final int NARROW = 64;

  /// Columns of a screen from which on there is room for all.
  private static final int DEFAULT = 76;

  private WatchTable() {}

  /// The rows of a screen, with a line of their last readings. Where it is narrow, the columns that
  /// are looked at least are not there, so that names have room; the one that rows are sorted by is
  /// always there.
  ///
  /// @param sortedBy the name of that column; empty in matching order
  static Table<WatchedRow> screen(
      List<WatchedRow> rows,
      List<WatchedRow> below,
      int samples,
      Optional<String> sortedBy,
      Screen screen) {
    Column<WatchedRow> recent =
        Column.of("recent", Kind.CHART, row -> sparkline(row.samples(), samples, screen.unicode()));
    List<Column<WatchedRow>> columns =
        new ArrayList<>(List.of(NAME, RATE, recent, GAINED, FLOWS, BYTES, PACKET_RATE));
    if (sortedBy.filter(PACKETS.name()::equals).isPresent()) {
      columns.set(columns.indexOf(PACKET_RATE), PACKETS);
    }
    int most = screen.columns() < NARROW ? 5 : screen.columns() < DEFAULT ? 6 : 7;
    for (int c = columns.size() - 1; columns.size() > most; c--) {
      if (!sortedBy.equals(Optional.of(columns.get(c).name()))) {
        columns.remove(c);
      }
    }
    Table<WatchedRow> table = Table.of("policies", columns, rows).withFooter(below);
    return sortedBy.map(table::inOrderOf).orElse(table);
  }

  private static String sparkline(List<RateSample> samples, int width, boolean unicode) {
    double[] rates = samples.stream().mapToDouble(RateSample::bytesPerSecond).toArray();
    boolean[] resets = new boolean[rates.length];
    for (int i = 0; i < resets.length; i++) {
      resets[i] = samples.get(i).reset();
    }
    return Sparkline.of(rates, resets, width, unicode);
  }

  /// The lines that a reading adds: each begins with its time.
  static Table<WatchedRow> lines(WatchReading reading) {
    List<Column<WatchedRow>> columns =
        List.of(
            time(reading),
            NAME,
            RATE,
            GAINED,
            FLOWS,
            BYTES,
            PACKET_RATE,
            source(reading),
            Column.of("note", Kind.TEXT, WatchTable::note));
    List<WatchedRow> rows = new ArrayList<>(reading.rows());
    if (!reading.hidden().isEmpty()) {
      rows.add(WatchedRow.more(reading.hidden()));
    }
    rows.addAll(reading.sums());
    return Table.of("policies", columns, rows);
  }

  private static Column<WatchedRow> time(WatchReading reading) {
    return Column.of("time", Kind.TIME, _ -> reading.time());
  }

  private static Column<WatchedRow> source(WatchReading reading) {
    return Column.of("source", Kind.TEXT, _ -> EnumNames.of(reading.now().source()));
  }

  private static String note(WatchedRow row) {
    return !row.samples().isEmpty() && row.samples().getLast().reset() ? "reset" : "";
  }

  /// The rows of a reading for programs: those of `stats`, and what the watch adds; of these the
  /// columns that were asked for.
  static Table<WatchedRow> programs(Invocation call, WatchReading reading, boolean timed) {
    Table<WatchedRow> table = programs(reading, timed);
    return call.columns()
        .map(names -> Invocation.selected(() -> table.select(names)))
        .orElse(table);
  }

  private static Table<WatchedRow> programs(WatchReading reading, boolean timed) {
    List<Column<WatchedRow>> columns = new ArrayList<>();
    if (timed) {
      columns.add(time(reading));
      columns.add(source(reading));
    }
    columns.addAll(Column.of(TrafficAnswer.PROGRAMS, WatchedRow::row));
    columns.add(Column.of("packets_gained", Kind.COUNT, WatchedRow::packetsGained));
    columns.add(GAINED);
    columns.add(RESETS);
    columns.addAll(Column.of(TrafficAnswer.ages(reading.now(), reading.time()), WatchedRow::row));
    return Table.of("policies", columns, reading.rows());
  }

  /// What is left of a watch: the means and peaks of all that was seen.
  static Table<WatchedRow> summary(List<WatchedRow> rows, List<WatchedRow> below, double seconds) {
    List<Column<WatchedRow>> columns =
        List.of(
            NAME,
            GAINED,
            Column.of("packets_gained", "PACKETS", Kind.COUNT, WatchedRow::packetsGained),
            Column.of(
                "mean",
                "MEAN RATE",
                Kind.BYTE_RATE,
                row -> seconds > 0 ? row.bytesGained() / seconds : null),
            Column.of("peak", "PEAK RATE", Kind.BYTE_RATE, WatchedRow::bytesPerSecondHighest),
            RESETS);
    return Table.of("policies", columns, rows).withFooter(below);
  }
}
