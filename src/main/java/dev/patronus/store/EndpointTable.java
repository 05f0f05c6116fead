package dev.patronus.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// `sdwan_endpoints`: where the platform's sites are on the network.
///
/// Confined to the database's thread.
public final class EndpointTable {
  private final Database database;

  public EndpointTable(Database database) {
    this.database = database;
  }

  /// All addresses, as they are written; [dev.patronus.site.EndpointAddress] reads them.
  public List<String> addresses() {
    return database.read(EndpointTable::addresses);
  }

  private static List<String> addresses(Connection connection) throws SQLException {
    List<String> addresses = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT DISTINCT address FROM sdwan_endpoints");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        String address = row.getString(1);
        if (address != null) {
          addresses.add(address);
        }
      }
    }
    return addresses;
  }
}
