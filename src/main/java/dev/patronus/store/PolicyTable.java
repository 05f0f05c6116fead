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

  /// A policy, and how its row is written.
  ///
  /// @param matchRules the text of `match_rules`
  /// @param pathPreference the text of `path_preference`
  public record Row(Policy policy, String matchRules, String pathPreference) {}

  private final Database database;

  public PolicyTable(Database database) {
    this.database = database;
  }

  /// All policies, in the order in which they are asked.
  public List<Policy> all() {
    return rows().stream().map(Row::policy).toList();
  }

  /// All policies, in the order in which they are asked, each with its row's texts.
  public List<Row> rows() {
    return database.read(PolicyTable::read);
  }

  static List<Policy> all(Connection connection) throws SQLException {
    return read(connection).stream().map(Row::policy).toList();
  }

  private static List<Row> read(Connection connection) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(ALL);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        rows.add(row(row));
      }
    }
    rows.sort((a, b) -> Policy.ORDER.compare(a.policy(), b.policy()));
    return rows;
  }

  private static Row row(ResultSet row) throws SQLException {
    String matchRules = text(row, 5);
    String pathPreference = text(row, 6);
    Policy policy =
        new Policy(
            row.getLong(1),
            text(row, 2),
            row.getLong(3),
            row.getLong(4) != 0,
            Rules.read(matchRules),
            Preference.read(pathPreference));
    return new Row(policy, matchRules, pathPreference);
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
