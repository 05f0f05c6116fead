package dev.patronus.store.table;

import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.Preference;
import dev.patronus.policy.rule.Rules;
import dev.patronus.store.BoundedText;
import dev.patronus.store.Database;
import dev.patronus.store.Pragma;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `sdwan_policies`: the routing policies as they are written.
///
/// Confined to the database's thread. A row that cannot be understood is a policy with a problem;
/// it costs the others nothing.
public final class PolicyTable {
  /// The most bytes of a policy's rules, and of its preference.
  private static final int RULES_MAX = 1 << 20;

  private static final String ALL =
      """
      SELECT policy_id, %s, priority, enabled, %s, %s,
             octet_length(name), octet_length(match_rules), octet_length(path_preference)
      FROM sdwan_policies
      """
          .formatted(
              BoundedText.name("name"),
              BoundedText.upTo(RULES_MAX, "match_rules"),
              BoundedText.upTo(RULES_MAX, "path_preference"));

  /// A policy, and how its row is written.
  ///
  /// @param matchRules the text of `match_rules`
  /// @param pathPreference the text of `path_preference`
  public record Row(Policy policy, String matchRules, String pathPreference) {}

  private final Database database;

  public PolicyTable(Database database) {
    this.database = database;
  }

  /// All policies, in order of evaluation.
  public List<Policy> all() {
    return rows().stream().map(Row::policy).toList();
  }

  /// All policies, in order of evaluation, each with its row's texts.
  public List<Row> rows() {
    return database.read(PolicyTable::read);
  }

  static List<Policy> all(Connection connection) throws SQLException {
    return read(connection).stream().map(Row::policy).toList();
  }

  private static List<Row> read(Connection connection) throws SQLException {
    RowReader<Row> policy = PolicyTable::row;
    List<Row> rows = policy.list(connection, ALL);
    rows.sort((a, b) -> Policy.ORDER.compare(a.policy(), b.policy()));
    return rows;
  }

  private static Row row(ResultSet row) throws SQLException {
    String matchRules = RowReader.text(row, 5);
    String pathPreference = RowReader.text(row, 6);
    boolean nameless = row.getLong(7) > BoundedText.NAME_MAX;
    Invalid tooLong = tooLong(row);
    Policy policy =
        new Policy(
            row.getLong(1),
            nameless
                ? "(policy " + Long.toUnsignedString(row.getLong(1)) + ")"
                : RowReader.text(row, 2),
            row.getLong(3),
            row.getLong(4) != 0,
            tooLong == null ? Rules.read(matchRules) : tooLong,
            Preference.read(pathPreference));
    return new Row(policy, matchRules, pathPreference);
  }

  /// Which text of a policy is too long to be read; null if none is.
  private static @Nullable Invalid tooLong(ResultSet row) throws SQLException {
    String[] names = {"name", "match_rules", "path_preference"};
    for (int i = 0; i < names.length; i++) {
      int most = i == 0 ? BoundedText.NAME_MAX : RULES_MAX;
      long bytes = row.getLong(7 + i);
      if (bytes > most) {
        return new Invalid(
            names[i] + " has " + bytes + " bytes, more than the " + most + " that are read");
      }
    }
    return null;
  }

  /// A number that is another one after somebody else has changed the database (`PRAGMA
  /// data_version`).
  public long version() {
    return database.read(connection -> Pragma.number(connection, "data_version"));
  }
}
