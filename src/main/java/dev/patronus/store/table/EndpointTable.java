package dev.patronus.store.table;

import dev.patronus.site.Endpoint;
import dev.patronus.store.BoundedText;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/// `sdwan_endpoints`: where the platform's sites are on the network.
///
/// Confined to the database's thread.
public final class EndpointTable {
  private static final String ALL =
      """
      SELECT endpoint_id, %s, %s, %s, cost_per_gb, reachable
      FROM sdwan_endpoints WHERE site_id IS NOT NULL AND address IS NOT NULL ORDER BY endpoint_id
      """
          .formatted(
              BoundedText.name("site_id"),
              BoundedText.name("address"),
              BoundedText.name("interface_type"));

  private static final String ADDRESSES =
      "SELECT DISTINCT address FROM sdwan_endpoints WHERE octet_length(address) <= "
          + BoundedText.NAME_MAX;

  private final Database database;

  public EndpointTable(Database database) {
    this.database = database;
  }

  /// All endpoints by id; a row without a site or an address is none.
  public List<Endpoint> all() {
    return database.read(EndpointTable::all);
  }

  static List<Endpoint> all(Connection connection) throws SQLException {
    RowReader<Endpoint> endpoint = EndpointTable::endpoint;
    return endpoint.list(connection, ALL);
  }

  /// The endpoint of a row of its id, site, address, type, cost and reachability.
  static Endpoint endpoint(ResultSet row) throws SQLException {
    return new Endpoint(
        row.getLong(1),
        RowReader.text(row, 2),
        RowReader.text(row, 3),
        RowReader.text(row, 4),
        row.getDouble(5),
        row.getLong(6) != 0);
  }

  /// All addresses, as they are written; [dev.patronus.site.EndpointAddress] reads them.
  public List<String> addresses() {
    RowReader<String> address = row -> row.getString(1);
    return database.read(connection -> address.list(connection, ADDRESSES));
  }
}
