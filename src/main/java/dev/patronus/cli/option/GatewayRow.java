package dev.patronus.cli.option;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A row of a list: of this machine's own things, or of a gateway's, which may be deleted there.
///
/// @param gateway null for this machine's own
/// @param row what it is about
/// @param deletedAt when the gateway noticed that it was deleted; empty while it is there
public record GatewayRow<T>(@Nullable String gateway, T row, Optional<Instant> deletedAt) {
  /// A row of this machine's own.
  public static <T> GatewayRow<T> own(T row) {
    return new GatewayRow<>(null, row, Optional.empty());
  }

  /// The columns of a list of this machine's own rows.
  public static <T> List<Column<GatewayRow<T>>> columns(List<Column<T>> columns) {
    return Column.of(columns, GatewayRow::row);
  }

  /// The columns of a list of gateways' rows: those of the rows after the gateway, which people see
  /// where there are several, and before the time of the deletion.
  ///
  /// @param several whether more than one gateway is read
  /// @param deleted whether deleted ones are listed
  public static <T> List<Column<GatewayRow<T>>> columns(
      List<Column<T>> columns, boolean several, boolean deleted) {
    List<Column<GatewayRow<T>>> all = new ArrayList<>();
    Column<GatewayRow<T>> gateway = Column.of("gateway", Kind.TEXT, GatewayRow::gateway);
    all.add(gateway.detailIf(!several));
    all.addAll(columns(columns));
    if (deleted) {
      all.add(Column.of("deleted_at", "DELETED", Kind.TIME, GatewayRow::deletedAt));
    }
    return all;
  }
}
