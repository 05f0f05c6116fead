package dev.patronus.store.outbox;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Sites, policies and paths, whose changes others make: what they look like now is compared with
/// what they looked like before.
final class PlatformObjects {
  /// A kind of them, as the stream of changes and the hub name it.
  enum Kind {
    SITE("site", "sites"),
    POLICY("policy", "policies"),
    PATH("path", "paths");

    private final String word;
    private final String member;

    Kind(String word, String member) {
      this.word = word;
      this.member = member;
    }

    String word() {
      return word;
    }

    String member() {
      return member;
    }

    String all() {
      return switch (this) {
        case SITE -> SITES;
        case POLICY -> POLICIES;
        case PATH -> PATHS;
      };
    }

    String one() {
      return switch (this) {
        case SITE -> SITES + " AND s.site_id = ?";
        case POLICY -> POLICIES + " AND policy_id = ?";
        case PATH -> PATHS + " AND path_id = ?";
      };
    }
  }

  /// Text that is too long to be read is not sent.
  private static final String SITES =
      """
      SELECT s.site_id, substr(s.site_name, 1, 4096), s.created_at, s.last_seen,
        substr(s.status, 1, 64),
        (SELECT count(*) FROM sdwan_endpoints e WHERE e.site_id = s.site_id)
      FROM sdwan_sites s WHERE s.site_id IS NOT NULL AND octet_length(s.site_id) <= 4096
      """;

  private static final String POLICIES =
      """
      SELECT policy_id, substr(name, 1, 4096), priority, substr(match_rules, 1, 65536),
        substr(path_preference, 1, 65536), enabled
      FROM sdwan_policies WHERE policy_id IS NOT NULL
      """;

  private static final String PATHS =
      """
      SELECT path_id, substr(src_site_id, 1, 4096), substr(dst_site_id, 1, 4096),
        substr(src_endpoint, 1, 4096), substr(dst_endpoint, 1, 4096),
        substr(wg_interface, 1, 4096), substr(status, 1, 64)
      FROM sdwan_paths WHERE path_id IS NOT NULL
      """;

  /// One that has changed; gone if its digest is 0.
  record Changed(Kind kind, Object key, long digest) {}

  private PlatformObjects() {}

  /// Those that differ from what was noted.
  static List<Changed> changed(Connection connection) throws SQLException {
    List<Changed> changed = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      Map<Object, Long> noted = noted(connection, kind);
      try (PreparedStatement select = connection.prepareStatement(kind.all());
          ResultSet row = select.executeQuery()) {
        while (row.next()) {
          Object key = key(kind, row);
          long digest = digest(kind, row);
          Long before = noted.remove(key);
          if (before == null || before != digest) {
            changed.add(new Changed(kind, key, digest));
          }
        }
      }
      noted.keySet().forEach(key -> changed.add(new Changed(kind, key, 0)));
    }
    return changed;
  }

  private static Object key(Kind kind, ResultSet row) throws SQLException {
    return kind == Kind.SITE ? (Object) row.getString(1) : (Object) row.getLong(1);
  }

  private static Map<Object, Long> noted(Connection connection, Kind kind) throws SQLException {
    Map<Object, Long> noted = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT key, digest FROM patronus_fleet_objects WHERE kind = ?")) {
      select.setString(1, kind.word());
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          noted.put(key(kind, row), row.getLong(2));
        }
      }
    }
    return noted;
  }

  /// A number that differs, but for one case in 2^64, where a column differs; never 0.
  private static long digest(Kind kind, ResultSet row) throws SQLException {
    RowArrays arrays = new RowArrays(Long.MAX_VALUE);
    append(arrays.begin("row"), kind, row);
    String text = arrays.json("row");
    long hash = 0xcbf29ce484222325L; // FNV-1a, 64 bits
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash == 0 ? 1 : hash;
  }

  /// Appends the columns of a row, its key first.
  static void append(RowArrays arrays, Kind kind, ResultSet row) throws SQLException {
    switch (kind) {
      case SITE ->
          arrays
              .text(row.getString(1))
              .present(row, 2, 2)
              .numbers(row, 3, 4)
              .present(row, 5, 5)
              .numbers(row, 6, 6);
      case POLICY ->
          arrays
              .numbers(row, 1, 1)
              .present(row, 2, 2)
              .numbers(row, 3, 3)
              .present(row, 4, 5)
              .numbers(row, 6, 6);
      case PATH -> arrays.numbers(row, 1, 1).present(row, 2, 5).texts(row, 6, 6).present(row, 7, 7);
    }
  }
}
