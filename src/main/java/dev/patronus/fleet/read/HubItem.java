package dev.patronus.fleet.read;

import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// A site, policy or path of a gateway.
///
/// @param deletedAt when the gateway noticed that it was deleted; empty while it is there
public record HubItem<T>(HubGateway gateway, T item, Optional<Instant> deletedAt) {
  public HubItem {
    Objects.requireNonNull(gateway, "gateway");
    Objects.requireNonNull(item, "item");
    Objects.requireNonNull(deletedAt, "deletedAt");
  }

  /// The time of a deletion in a column; empty where it is NULL.
  static Optional<Instant> deletedAt(ResultSet row, int column) throws SQLException {
    long second = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(EpochSeconds.toInstant(second));
  }
}
