package dev.patronus.fleet.read;

import dev.patronus.history.tier.Tier;
import dev.patronus.history.tier.TierChoice.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The cells of series in ranges, each of its own, as one query of the hub.
///
/// Confined to one thread. Series are named by places; several may have the same.
final class CellSelection {
  /// So many parts of ranges that many series share are queries of their own, with borders that the
  /// server knows when it plans.
  private static final int SHARED = 6;

  private static final String VALUES =
      "packets, bytes, active_flows, last_second, covered_seconds, longest_seconds, readings,"
          + " resets, implausible";

  private static final String OPEN =
      """
      SELECT k.place, s.epoch, s.open_start, s.open_packets, s.open_bytes, s.open_active_flows,
        s.open_last_second, s.open_covered_seconds, s.open_longest_seconds, s.open_readings,
        s.open_resets, s.open_implausible
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

  private static final String OF_OTHERS =
      """
      FROM unnest(?::integer[], ?::integer[], ?::bigint[], ?::integer[], ?::bigint[], ?::bigint[])
          AS k (gateway_id, epoch, series_id, place, first, until)
        JOIN fleet.TIER c USING (gateway_id, epoch, series_id)
      WHERE c.start >= k.first AND c.start < k.until
      """;

  private final Map<Part, List<Place>> parts = new LinkedHashMap<>();
  private final List<Place> open = new ArrayList<>();

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

  /// The query, whose rows are: place, epoch, start, and of each cell the packets, bytes,
  /// active_flows, last_second, covered_seconds, longest_seconds, readings, resets and implausible.
  ///
  /// @param bound is given what stands for its parameters
  String sql(List<Object> bound) {
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
        keys(places, bound);
        bound.add(part.from());
        bound.add(part.until());
        selects.add(select(part.tier(), OF_SHARED));
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
      selects.add(select(tier, OF_OTHERS));
    });
    if (!open.isEmpty()) {
      keys(open, bound);
      selects.add(OPEN);
    }
    return String.join("UNION ALL\n", selects);
  }

  private static String select(Tier tier, String from) {
    return "SELECT k.place, c.epoch, c.start, "
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
