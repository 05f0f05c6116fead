package dev.patronus.fleet.read;

import dev.patronus.fleet.read.HubScan.Piece;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.time.TimeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The rows of one table of gateways for an export, gateway by gateway, each row with its gateway.
///
/// Rows are read by the key (gateway, epoch, number), so that what came since a place costs what it
/// has, and fetched piece by piece. The rows of an epoch count up to where the next one of the same
/// database parted, as in the views `visible_*`.
///
/// Confined to one thread.
public final class HubExport {
  /// The column with the name of a row's gateway.
  public static final String GATEWAY = "gateway";

  private static final String EPOCHS =
      """
      SELECT e.gateway_id, e.epoch, n.row_id
      FROM fleet.epochs e CROSS JOIN LATERAL (
        SELECT t.row_id FROM fleet.TABLE t
        WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch
          AND t.row_id <= coalesce(e.UNTIL, 9223372036854775807)
        ORDER BY t.row_id DESC LIMIT 1) n
      WHERE e.gateway_id = ANY (?) AND e.complete_at IS NOT NULL
      ORDER BY e.gateway_id, e.epoch
      """;

  private final FleetReader reader;
  private final HubTable table;

  public HubExport(FleetReader reader, ExportTable table) {
    this.reader = reader;
    this.table = HubTable.of(table);
  }

  /// The last row of an epoch that counts.
  private record Last(int epoch, long rowId) {}

  /// A place in the stream of a gateway's rows: the last one that was read.
  public record Place(int epoch, long rowId) {}

  private Map<Integer, List<Last>> epochs() {
    Map<Integer, List<Last>> epochs = new TreeMap<>();
    reader.each(
        EPOCHS.replace("TABLE", table.table()).replace("UNTIL", table.until()),
        row ->
            epochs
                .computeIfAbsent(row.getInt(1), _ -> new ArrayList<>())
                .add(new Last(row.getInt(2), row.getLong(3))),
        reader.ids());
    return epochs;
  }

  /// Where the rows of each gateway end now, by its name.
  public SortedMap<String, Place> ends() {
    Map<Integer, List<Last>> epochs = epochs();
    SortedMap<String, Place> ends = new TreeMap<>();
    for (HubGateway gateway : reader.gateways()) {
      List<Last> of = epochs.getOrDefault(gateway.id(), List.of());
      if (!of.isEmpty()) {
        ends.put(gateway.name(), new Place(of.getLast().epoch(), of.getLast().rowId()));
      }
    }
    return ends;
  }

  /// The rows in the order in which each gateway wrote them.
  ///
  /// @param fields the columns; empty for the gateway's name
  /// @param groups of each gateway the policies or paths that are wanted, by its name; empty for
  ///   all
  /// @param after of each gateway the place that rows are wanted after, by its name
  public RowScan asWritten(
      List<Optional<ExportColumn>> fields,
      Optional<Map<String, long[]>> groups,
      TimeRange range,
      Map<String, Place> after) {
    if (!table.countsUp()) {
      return new HubScan(reader, now(fields), fields);
    }
    Map<Integer, List<Last>> epochs = epochs();
    List<Piece> pieces = new ArrayList<>();
    for (HubGateway gateway : wanted(groups)) {
      Place from = after.getOrDefault(gateway.name(), new Place(0, Long.MIN_VALUE));
      for (Last last : epochs.getOrDefault(gateway.id(), List.of())) {
        if (last.epoch() >= from.epoch()) {
          List<Object> bound = new ArrayList<>();
          bound.add(gateway.id());
          bound.add(last.epoch());
          bound.add(last.epoch() == from.epoch() ? from.rowId() : Long.MIN_VALUE);
          bound.add(last.rowId());
          String sql =
              select(fields)
                  + " FROM fleet."
                  + table.table()
                  + " t WHERE t.gateway_id = ? AND t.epoch = ? AND t.row_id > ? AND t.row_id <= ?"
                  + within(range, bound)
                  + of(gateway, groups, bound)
                  + " ORDER BY t.row_id";
          pieces.add(new Piece(gateway, sql, bound));
        }
      }
    }
    return new HubScan(reader, pieces, fields);
  }

  /// The rows group by group, in unsigned order of the groups, and each in order of time.
  public RowScan byGroup(
      List<Optional<ExportColumn>> fields, Map<String, long[]> groups, TimeRange range) {
    List<Piece> pieces = new ArrayList<>();
    for (HubGateway gateway : wanted(Optional.of(groups))) {
      List<Object> bound = new ArrayList<>();
      bound.add(gateway.id());
      String group = "t." + table.group();
      String sql =
          select(fields)
              + " FROM fleet.visible_"
              + table.table()
              + " t WHERE t.gateway_id = ?"
              + within(range, bound)
              + of(gateway, Optional.of(groups), bound)
              + " ORDER BY %s < 0, %s, %s, t.epoch, t.row_id".formatted(group, group, table.time());
      pieces.add(new Piece(gateway, sql, bound));
    }
    return new HubScan(reader, pieces, fields);
  }

  private List<HubGateway> wanted(Optional<Map<String, long[]>> groups) {
    return reader.gateways().stream()
        .filter(gateway -> groups.isEmpty() || groups.get().containsKey(gateway.name()))
        .toList();
  }

  private List<Piece> now(List<Optional<ExportColumn>> fields) {
    String sql =
        select(fields)
            + " FROM fleet."
            + table.table()
            + " t WHERE t.gateway_id = ? AND t.deleted_at IS NULL ORDER BY "
            + table.order();
    return reader.gateways().stream()
        .map(gateway -> new Piece(gateway, sql, List.of(gateway.id())))
        .toList();
  }

  private String select(List<Optional<ExportColumn>> fields) {
    return fields.stream()
        .map(field -> field.map(column -> table.sql(column.name())).orElse("NULL::text"))
        .collect(Collectors.joining(", ", "SELECT ", ""));
  }

  private String within(TimeRange range, List<Object> bound) {
    if (range.since().isEmpty() && range.until().isEmpty()) {
      return "";
    }
    bound.add(range.firstSecond());
    bound.add(range.endSecond());
    return " AND " + table.time() + " >= ? AND " + table.time() + " < ?";
  }

  private String of(HubGateway gateway, Optional<Map<String, long[]>> groups, List<Object> bound) {
    if (groups.isEmpty()) {
      return "";
    }
    bound.add(groups.get().get(gateway.name()));
    return " AND t." + table.group() + " = ANY (?)";
  }
}
