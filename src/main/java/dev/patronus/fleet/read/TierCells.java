package dev.patronus.fleet.read;

import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.Tier;
import dev.patronus.history.tier.TierChoice.Part;
import dev.patronus.store.rollup.CellColumns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads cells of several series at once: one query for each part of a range, by the keys of the
/// series.
final class TierCells {
  private static final String CELLS =
      """
      SELECT k.place, c.start, c.packets, c.bytes, c.active_flows, c.active_flows_highest,
        c.last_second, c.covered_seconds, c.longest_seconds, c.readings, c.resets, c.implausible
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[])
          AS k (gateway_id, epoch, series_id, place)
        JOIN fleet.TIER c USING (gateway_id, epoch, series_id)
      WHERE c.start >= ? AND c.start < ?
      """;

  private static final String FIRST =
      """
      SELECT k.place,
        (SELECT min(c.start) FROM fleet.five_minutes c WHERE c.gateway_id = k.gateway_id
          AND c.epoch = k.epoch AND c.series_id = k.series_id),
        (SELECT min(c.start) FROM fleet.hours c WHERE c.gateway_id = k.gateway_id
          AND c.epoch = k.epoch AND c.series_id = k.series_id),
        (SELECT min(c.start) FROM fleet.days c WHERE c.gateway_id = k.gateway_id
          AND c.epoch = k.epoch AND c.series_id = k.series_id)
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[])
          AS k (gateway_id, epoch, series_id, place)
      """;

  private final FleetReader reader;

  TierCells(FleetReader reader) {
    this.reader = reader;
  }

  /// Takes a cell of the series at a place of the list.
  @FunctionalInterface
  interface CellConsumer {
    void accept(int place, Cell cell);
  }

  /// Reads what each of these series has in `[from, until)`: the cells of the tiers in no
  /// particular order, then the open ones.
  ///
  /// @param coarsest the coarsest tier that may be used
  /// @param from a border of 5 minutes, as `until`
  void read(List<HubSeries> series, Tier coarsest, long from, long until, CellConsumer cells) {
    Map<Part, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < series.size(); i++) {
      for (Part part : series.get(i).parts(coarsest, from, until)) {
        places.computeIfAbsent(part, _ -> new ArrayList<>()).add(i);
      }
    }
    places.forEach((part, of) -> read(series, of, part, cells));
    for (int i = 0; i < series.size(); i++) {
      int place = i;
      series
          .get(i)
          .open()
          .filter(cell -> from <= cell.start() && cell.start() < until)
          .ifPresent(cell -> cells.accept(place, cell));
    }
  }

  private void read(List<HubSeries> series, List<Integer> places, Part part, CellConsumer cells) {
    Keys keys = new Keys(series, places);
    reader.each(
        CELLS.replace("TIER", name(part.tier())),
        row -> cells.accept(row.getInt(1), CellColumns.cell(row, 2)),
        keys.gatewayIds,
        keys.epochs,
        keys.seriesIds,
        keys.places,
        part.from(),
        part.until());
  }

  /// The table of a tier.
  static String name(Tier tier) {
    return switch (tier) {
      case FIVE_MINUTES -> "five_minutes";
      case HOUR -> "hours";
      case DAY -> "days";
    };
  }

  /// For each of these series the start of the first 5 minutes that it has a row in, or of the hour
  /// or the day where those are removed; [Long#MAX_VALUE] if it has none.
  long[] firsts(List<HubSeries> series) {
    long[] firsts = new long[series.size()];
    Keys keys = new Keys(series, places(series));
    reader.each(
        FIRST,
        row -> firsts[row.getInt(1)] = first(row, series.get(row.getInt(1))),
        keys.gatewayIds,
        keys.epochs,
        keys.seriesIds,
        keys.places);
    return firsts;
  }

  private static long first(ResultSet row, HubSeries series) throws SQLException {
    long first = Long.MAX_VALUE;
    int column = 2;
    for (Tier tier : Tier.values()) {
      long start = row.getLong(column++);
      boolean earlier = !row.wasNull() && (first == Long.MAX_VALUE || start < tier.floor(first));
      first = earlier ? start : first;
    }
    return Math.min(first, series.open().map(Cell::start).orElse(Long.MAX_VALUE));
  }

  private static List<Integer> places(List<HubSeries> series) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < series.size(); i++) {
      places.add(i);
    }
    return places;
  }

  /// The keys of series as columns.
  private static final class Keys {
    private final int[] gatewayIds;
    private final int[] epochs;
    private final long[] seriesIds;
    private final int[] places;

    Keys(List<HubSeries> series, List<Integer> places) {
      this.gatewayIds = places.stream().mapToInt(at -> series.get(at).gatewayId()).toArray();
      this.epochs = places.stream().mapToInt(at -> series.get(at).epoch()).toArray();
      this.seriesIds = places.stream().mapToLong(at -> series.get(at).seriesId()).toArray();
      this.places = places.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
