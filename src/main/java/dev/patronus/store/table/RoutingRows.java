package dev.patronus.store.table;

import dev.patronus.policy.Policy;
import dev.patronus.route.Mesh;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.util.List;

/// What routing is decided by, as it is at one instant: policies and paths that are changed in one
/// transaction are seen changed together.
///
/// Immutable.
///
/// @param policies in order of evaluation
public record RoutingRows(List<Policy> policies, Mesh mesh) {
  private static final String SIZE =
      "SELECT (SELECT count(*) FROM sdwan_policies), (SELECT count(*) FROM sdwan_paths)";

  public RoutingRows {
    policies = List.copyOf(policies);
  }

  /// Reads them on the database's thread.
  ///
  /// @throws dev.patronus.error.UserError if the database refuses
  public static RoutingRows read(Database database) {
    return database.readAtOnce(
        connection -> new RoutingRows(PolicyTable.all(connection), PathTable.mesh(connection)));
  }

  /// How much there is of both.
  public record Size(long policies, long paths) {}

  /// Counts them on the database's thread, and reads nothing.
  ///
  /// @throws dev.patronus.error.UserError if the database refuses
  public static Size size(Database database) {
    RowReader<Size> size = row -> new Size(row.getLong(1), row.getLong(2));
    return database.read(connection -> size.list(connection, SIZE).getFirst());
  }
}
