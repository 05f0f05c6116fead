package dev.patronus.fleet.read;

import dev.patronus.history.tier.Tier;
import dev.patronus.history.tier.TierChoice.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The cells of series in ranges, each of its own, as one query of the hub.
///
/// Confined to one thread. Series are named by places; several may have the same.
final class CellSelection {
  /// So many parts of ranges that many series share are queries of their own, with borders that the
  /// server knows when it plans.
  private static final int SHARED = 6;

  /// From so many series on a part of a range is summed up before its series are looked up.
  private static final int MANY = 4;

  private static final String VALUES =
      "packets, bytes, active_flows, last_second, covered_seconds, longest_seconds, readings,"
          + " resets, implausible";

  private static final String OPEN_CELLS =
      """
      SELECT k.place, s.epoch, 1 AS open, s.open_start AS start, s.open_packets AS packets,
        s.open_bytes AS bytes, s.open_active_flows AS active_flows,
        s.open_last_second AS last_second, s.open_covered_seconds AS covered_seconds,
        s.open_longest_seconds AS longest_seconds, s.open_readings AS readings,
        s.open_resets AS resets, s.open_implausible AS implausible
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[])
          AS k (gateway_id, epoch, series_id, place)
        JOIN fleet.series s USING (gateway_id, epoch, series_id)
      WHERE s.open_start IS NOT NULL
      """;

  private static final String OF_SHARED =
      """
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[])
          AS k (gateway_id, epoch, series_id, place)
        JOIN fleet.TIER c USING (gateway_id, epoch, series_id)
      WHERE c.start >= ? AND c.start < ?
      """;

  /// The cells of a step as one. Grouped first, and joined then, because the server cannot estimate
  /// how many rows a join by three columns leaves.
  private static final String OF_MANY =
      """
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[])
          AS k (gateway_id, epoch, series_id, place)
        JOIN (
          SELECT gateway_id, epoch, series_id, min(start) AS start,
            sum(packets) FILTER (WHERE readings > 0) AS packets,
            sum(bytes) FILTER (WHERE readings > 0) AS bytes,
            (max(ARRAY[last_second, active_flows]) FILTER (WHERE readings > 0))[2]
              AS active_flows,
            max(last_second) FILTER (WHERE readings > 0) AS last_second,
            sum(covered_seconds) FILTER (WHERE readings > 0) AS covered_seconds,
            max(longest_seconds) FILTER (WHERE readings > 0) AS longest_seconds,
            sum(readings) AS readings, sum(resets) FILTER (WHERE readings > 0) AS resets,
            sum(implausible) AS implausible
          FROM fleet.TIER
          WHERE start >= ? AND start < ? AND gateway_id = ANY (?) AND series_id = ANY (?)
          GROUP BY gateway_id, epoch, series_id, width_bucket(start, ?::bigint[])) c
        USING (gateway_id, epoch, series_id)
      """;

  /// What a series carried in a part of a range.
  private static final String VOLUMES_OF_MANY =
      """
      SELECT k.place, c.packets, c.bytes
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[])
          AS k (gateway_id, epoch, series_id, place)
        JOIN (
          SELECT gateway_id, epoch, series_id, sum(packets) AS packets, sum(bytes) AS bytes
          FROM fleet.TIER
          WHERE start >= ? AND start < ? AND gateway_id = ANY (?) AND series_id = ANY (?)
            AND readings > 0
          GROUP BY gateway_id, epoch, series_id) c
        USING (gateway_id, epoch, series_id)
      """;

  private static final String OF_OTHERS =
      """
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[], ?::bigint[], ?::bigint[])
          AS k (gateway_id, epoch, series_id, place, first, until)
        JOIN fleet.TIER c USING (gateway_id, epoch, series_id)
      WHERE c.start >= k.first AND c.start < k.until
      """;

  private final boolean grouped;
  private final Map<Part, List<Place>> parts = new LinkedHashMap<>();
  private final List<Place> open = new ArrayList<>();

  /// @param grouped whether cells of many series are summed up by step before they are looked up,
  ///   which costs time where each step has one cell
  CellSelection(boolean grouped) {
    this.grouped = grouped;
  }

  private record Place(HubSeries series, int place) {}

  private record Bounded(Place place, Part part) {}

  /// Adds what the tiers have of a series in `[from, until)`.
  ///
  /// @param coarsest the coarsest tier that may be used
  void add(HubSeries series, int place, Tier coarsest, long from, long until) {
    for (Part part : series.parts(coarsest, from, until)) {
      parts.computeIfAbsent(part, _ -> new ArrayList<>()).add(new Place(series, place));
    }
  }

  /// Adds the cell of a series that is in no tier yet, if it lies in `[from, until)`.
  void addOpen(HubSeries series, int place, long from, long until) {
    if (series.open().filter(cell -> from <= cell.start() && cell.start() < until).isPresent()) {
      open.add(new Place(series, place));
    }
  }

  boolean isEmpty() {
    return parts.isEmpty() && open.isEmpty();
  }

  /// The query, whose rows are: place, epoch, open (1 for the cell that is in no tier yet, whose
  /// readings arrived last), start, and of each cell the packets, bytes, active_flows, last_second,
  /// covered_seconds, longest_seconds, readings, resets and implausible. Cells of a series in the
  /// same step may be one.
  ///
  /// @param steps where each step begins
  /// @param bound is given what stands for its parameters
  String sql(long[] steps, List<Object> bound) {
    return sql(Optional.of(steps), bound);
  }

  /// The query of what the series carried, whose rows are: place, packets, bytes. A series may have
  /// several.
  ///
  /// @param bound is given what stands for its parameters
  String volumes(List<Object> bound) {
    return sql(Optional.empty(), bound);
  }

  private String sql(Optional<long[]> steps, List<Object> bound) {
    String before = steps.isPresent() ? "" : "SELECT place, packets, bytes FROM (";
    String after = steps.isPresent() ? "" : ") v WHERE readings > 0\n";
    List<String> selects = new ArrayList<>();
    List<Map.Entry<Part, List<Place>>> byNumber =
        parts.entrySet().stream()
            .sorted(Comparator.comparingInt(entry -> -entry.getValue().size()))
            .toList();
    Map<Tier, List<Bounded>> others = new EnumMap<>(Tier.class);
    for (int i = 0; i < byNumber.size(); i++) {
      Part part = byNumber.get(i).getKey();
      List<Place> places = byNumber.get(i).getValue();
      if (i < SHARED) {
        boolean many = grouped && places.size() >= MANY;
        keys(places, bound);
        bound.add(part.from());
        bound.add(part.until());
        if (many) {
          bound.add(
              places.stream().mapToInt(each -> each.series().gatewayId()).distinct().toArray());
          bound.add(
              places.stream().mapToLong(each -> each.series().seriesId()).distinct().toArray());
          steps.ifPresent(bound::add);
        }
        selects.add(
            many && steps.isEmpty()
                ? VOLUMES_OF_MANY.replace("TIER", TierCells.name(part.tier()))
                : before + select(part.tier(), many ? OF_MANY : OF_SHARED) + after);
      } else {
        places.forEach(place ->
            others
                .computeIfAbsent(part.tier(), _ -> new ArrayList<>())
                .add(new Bounded(place, part)));
      }
    }
    others.forEach((tier, of) -> {
      keys(of.stream().map(Bounded::place).toList(), bound);
      bound.add(of.stream().mapToLong(each -> each.part().from()).toArray());
      bound.add(of.stream().mapToLong(each -> each.part().until()).toArray());
      selects.add(before + select(tier, OF_OTHERS) + after);
    });
    if (!open.isEmpty()) {
      keys(open, bound);
      selects.add(before + OPEN_CELLS + after);
    }
    return String.join("UNION ALL\n", selects);
  }

  private static String select(Tier tier, String from) {
    return "SELECT k.place, c.epoch, 0 AS open, c.start, "
        + VALUES
        + "\n"
        + from.replace("TIER", TierCells.name(tier));
  }

  private static void keys(List<Place> places, List<Object> bound) {
    bound.add(places.stream().mapToInt(each -> each.series().gatewayId()).toArray());
    bound.add(places.stream().mapToInt(each -> each.series().epoch()).toArray());
    bound.add(places.stream().mapToLong(each -> each.series().seriesId()).toArray());
    bound.add(places.stream().mapToInt(Place::place).toArray());
  }
}
