package dev.patronus.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What people call the things that the audit trail names by their ids: sites and policies, those
/// too that are deleted and whose archive is kept, and the platform's users.
///
/// Immutable once read.
public final class KnownNames {
  private static final String SITES = "SELECT site_id, site_name FROM sdwan_sites";

  private static final String POLICIES =
      "SELECT printf('%llu', policy_id), name FROM sdwan_policies";

  private static final String DELETED =
      "SELECT site_id, site_name FROM patronus_deleted_sites ORDER BY archive_id";

  private static final String USERS = "SELECT id, name FROM users";

  private final Map<String, String> things = new HashMap<>();
  private final Map<String, String> users = new HashMap<>();

  private KnownNames() {}

  /// Reads all names that the database knows.
  public static KnownNames read(Database database) {
    KnownNames names = new KnownNames();
    names.add(database, "patronus_deleted_sites", DELETED, names.things);
    names.add(database, "sdwan_sites", SITES, names.things);
    names.add(database, "sdwan_policies", POLICIES, names.things);
    names.add(database, "users", USERS, names.users);
    return names;
  }

  private void add(Database database, String table, String sql, Map<String, String> names) {
    if (!database.schema().has(table)) {
      return;
    }
    database.read(connection -> {
      try (PreparedStatement select = connection.prepareStatement(sql);
          ResultSet row = select.executeQuery()) {
        while (row.next()) {
          names.put(RowReader.text(row, 1), RowReader.text(row, 2));
        }
      }
      return names;
    });
  }

  /// The name of a site or policy; empty if it is not known.
  public Optional<String> of(String id) {
    return Optional.ofNullable(things.get(id)).filter(name -> !name.isBlank());
  }

  /// The name of a user of the platform; empty if there is none of this id.
  public Optional<String> user(String id) {
    return Optional.ofNullable(users.get(id)).filter(name -> !name.isBlank());
  }
}
