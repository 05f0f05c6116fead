package dev.patronus.store.rollup;

import dev.patronus.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads mean rates of complete hours from the roll-ups.
///
/// Confined to the database's thread.
public final class TrafficMeans {
  private static final String SERIES = "SELECT series_id FROM patronus_series WHERE policy_id = ?";

  private static final String ALL_SERIES =
      "SELECT series_id FROM patronus_series WHERE series_id <> 0";

  private static final String SUMS =
      """
      SELECT total(packets), total(bytes), total(covered_seconds) FROM %s
      WHERE series_id = ? AND start >= ? AND start < ?
      """;

  private static final String HOURS = SUMS.formatted("patronus_hours");
  private static final String FIVE_MINUTES = SUMS.formatted("patronus_five_minutes");
  private static final int HOUR = 3600;

  /// Whose traffic.
  public sealed interface Whose {
    /// One policy's.
    record Policy(long policyId) implements Whose {}

    /// What all policies matched.
    record Matched() implements Whose {}

    /// What no policy matched.
    record Unmatched() implements Whose {}
  }

  /// Packets and bytes per second.
  public record Mean(double packets, double bytes) {}

  private final Database database;

  public TrafficMeans(Database database) {
    this.database = database;
  }

  /// The mean rates in each of the hours that begin at these seconds, which are borders of 5
  /// minutes; empty for an hour without a reading. What is not rolled up yet is left out.
  public List<Optional<Mean>> of(Whose whose, List<Long> hours) {
    return database.schema().has("patronus_hours")
        ? database.readAtOnce(connection -> read(connection, series(connection, whose), hours))
        : List.of();
  }

  private static List<Long> series(Connection connection, Whose whose) throws SQLException {
    return switch (whose) {
      case Whose.Unmatched _ -> List.of(StoredSeries.UNMATCHED);
      case Whose.Matched _ -> {
        try (PreparedStatement select = connection.prepareStatement(ALL_SERIES)) {
          yield ids(select);
        }
      }
      case Whose.Policy(long id) -> {
        try (PreparedStatement select = connection.prepareStatement(SERIES)) {
          select.setLong(1, id);
          yield ids(select);
        }
      }
    };
  }

  private static List<Long> ids(PreparedStatement select) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
    return ids;
  }

  private static List<Optional<Mean>> read(
      Connection connection, List<Long> series, List<Long> hours) throws SQLException {
    boolean whole = hours.stream().allMatch(from -> Math.floorMod(from, HOUR) == 0);
    List<Optional<Mean>> means = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(whole ? HOURS : FIVE_MINUTES)) {
      for (long from : hours) {
        means.add(mean(select, series, from));
      }
    }
    return means;
  }

  private static Optional<Mean> mean(PreparedStatement select, List<Long> series, long from)
      throws SQLException {
    double packets = 0;
    double bytes = 0;
    boolean known = false;
    for (long id : series) {
      select.setLong(1, id);
      select.setLong(2, from);
      select.setLong(3, from + HOUR);
      try (ResultSet row = select.executeQuery()) {
        double seconds = row.next() ? row.getDouble(3) : 0;
        if (seconds > 0) {
          known = true;
          packets += row.getDouble(1) / seconds;
          bytes += row.getDouble(2) / seconds;
        }
      }
    }
    return known ? Optional.of(new Mean(packets, bytes)) : Optional.empty();
  }
}
