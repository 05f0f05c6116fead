package dev.patronus.store;

import dev.patronus.policy.Policy;
import dev.patronus.policy.Preference;
import dev.patronus.policy.Rules;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// `sdwan_policies`: the routing policies as they are written.
///
/// Confined to the database's thread. A row that cannot be understood is a policy with a complaint;
/// it costs the others nothing.
public final class PolicyTable {
  private static final String ALL =
      """
      SELECT policy_id, name, priority, enabled, match_rules, path_preference FROM sdwan_policies
      """;

  private final Database database;

  public PolicyTable(Database database) {
    this.database = database;
  }

  /// All policies, in the order in which they are asked.
  public List<Policy> all() {
    List<Policy> policies = database.read(PolicyTable::read);
    policies.sort(Policy.ORDER);
    return policies;
  }

  private static List<Policy> read(Connection connection) throws SQLException {
    List<Policy> policies = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(ALL);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        policies.add(
            new Policy(
                row.getLong(1),
                text(row, 2),
                row.getLong(3),
                row.getLong(4) != 0,
                Rules.read(text(row, 5)),
                Preference.read(text(row, 6))));
      }
    }
    return policies;
  }

  private static String text(ResultSet row, int column) throws SQLException {
    return Objects.requireNonNullElse(row.getString(column), "");
  }

  /// A number that is another one after somebody else has changed the database (`PRAGMA
  /// data_version`).
  public long version() {
    return database.read(PolicyTable::version);
  }

  private static long version(Connection connection) throws SQLException {
    try (PreparedStatement pragma = connection.prepareStatement("PRAGMA data_version");
        ResultSet row = pragma.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
