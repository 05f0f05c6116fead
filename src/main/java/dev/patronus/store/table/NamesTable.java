package dev.patronus.store.table;

import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The names of things and their ids, for completing what is being typed.
///
/// Confined to the database's thread. At most [#MOST] of each, in order of their names, of those
/// whose name or id begins with what was typed.
public final class NamesTable {
  /// More than anybody looks through.
  public static final int MOST = 1000;

  /// What SQLite takes for no limit at all.
  private static final int NO_LIMIT = -1;

  /// A thing: what identifies it, and what people call it.
  public record Name(String id, String name) {}

  private static final String KINDS = "patronus_deleted_kinds";

  private final Database database;
  private final String typed;

  /// All names.
  public NamesTable(Database database) {
    this(database, "");
  }

  /// @param typed the beginning of a name or id, in any case
  public NamesTable(Database database, String typed) {
    this.database = database;
    this.typed = typed;
  }

  public List<Name> sites() {
    return names("SELECT site_id, site_name FROM sdwan_sites ORDER BY site_name LIMIT ?", false);
  }

  public List<Name> policies() {
    return names("SELECT policy_id, name FROM sdwan_policies ORDER BY name LIMIT ?", true);
  }

  /// Paths, each called by the two sites that it joins.
  public List<Name> paths() {
    return names(
        """
        SELECT p.path_id, s.site_name || ' > ' || d.site_name
        FROM sdwan_paths p
        JOIN sdwan_sites s ON s.site_id = p.src_site_id
        JOIN sdwan_sites d ON d.site_id = p.dst_site_id
        ORDER BY p.path_id LIMIT ?
        """,
        false);
  }

  public List<Name> failoverPolicies() {
    return database.schema().has("sdwan_failover_policies")
        ? names("SELECT policy_id, name FROM sdwan_failover_policies ORDER BY name LIMIT ?", true)
        : List.of();
  }

  /// Sites that can be brought back.
  public List<Name> deletedSites() {
    if (!database.schema().has("patronus_deleted_sites")) {
      return List.of();
    }
    return names(
        "SELECT DISTINCT site_id, site_name FROM patronus_deleted_sites"
            + (database.schema().has(KINDS)
                ? " WHERE archive_id NOT IN (SELECT archive_id FROM patronus_deleted_kinds)"
                : "")
            + " ORDER BY site_name LIMIT ?",
        false);
  }

  /// Policies that can be brought back.
  public List<Name> deletedPolicies() {
    return database.schema().has(KINDS)
        ? names(
            """
            SELECT DISTINCT site_id, site_name
            FROM patronus_deleted_sites JOIN patronus_deleted_kinds USING (archive_id)
            WHERE kind = 'policy' ORDER BY site_name LIMIT ?
            """,
            false)
        : List.of();
  }

  private List<Name> names(String sql, boolean unsigned) {
    return database.read(connection -> {
      List<Name> names = new ArrayList<>();
      try (PreparedStatement select = connection.prepareStatement(sql)) {
        select.setInt(1, typed.isEmpty() ? MOST : NO_LIMIT);
        try (ResultSet row = select.executeQuery()) {
          while (names.size() < MOST && row.next()) {
            Name name = new Name(id(row, unsigned), RowReader.text(row, 2));
            if (begins(name.name()) || begins(name.id())) {
              names.add(name);
            }
          }
        }
      }
      return names;
    });
  }

  private boolean begins(String text) {
    return text.regionMatches(true, 0, typed, 0, typed.length());
  }

  private static String id(ResultSet row, boolean unsigned) throws SQLException {
    return unsigned ? Long.toUnsignedString(row.getLong(1)) : RowReader.text(row, 1);
  }
}
