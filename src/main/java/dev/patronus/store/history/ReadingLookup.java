package dev.patronus.store.history;

import dev.patronus.history.Reading;
import dev.patronus.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Looks up single readings of a policy by the index (policy_id, timestamp): the plausible one
/// before another.
///
/// Rows whose time is no number are not looked at.
///
/// Confined to the database's thread.
final class ReadingLookup implements AutoCloseable {
  private static final String PLAUSIBLE =
      """
      typeof(packets_matched) = 'integer' AND packets_matched >= 0
      AND typeof(bytes_matched) = 'integer' AND bytes_matched >= 0
      """;

  private static final String BEFORE =
      """
      SELECT timestamp, packets_matched, bytes_matched FROM sdwan_policy_stats
      WHERE policy_id = ?1 AND timestamp <= ?2 AND (timestamp < ?2 OR stat_id < ?3)
        AND stat_id <= ?4 AND typeof(timestamp) = 'integer' AND $PLAUSIBLE
      ORDER BY timestamp DESC, stat_id DESC LIMIT 1
      """
          .replace("$PLAUSIBLE", PLAUSIBLE);

  /// The plus keeps SQLite from searching the table instead of the policy's part of the index.
  private static final String KEY_BEFORE =
      """
      SELECT max(+stat_id) FROM sdwan_policy_stats
      WHERE policy_id = ? AND +stat_id < ? AND typeof(timestamp) = 'integer'
      """;

  private static final String OF_KEY =
      "SELECT timestamp, packets_matched, bytes_matched FROM sdwan_policy_stats"
          + " WHERE stat_id = ? AND "
          + PLAUSIBLE;

  private final Database database;
  private final long lastKey;
  private @Nullable PreparedStatement before;
  private @Nullable PreparedStatement keyBefore;
  private @Nullable PreparedStatement ofKey;

  /// @param lastKey rows behind it are not looked at
  ReadingLookup(Database database, long lastKey) {
    this.database = database;
    this.lastKey = lastKey;
  }

  /// The last plausible reading of a policy in order of time, and of keys where times are equal,
  /// before a time and a key; empty if there is none.
  Optional<Reading> before(long policyId, long second, long key) {
    @Nullable Reading[] found = new Reading[1];
    boolean _ =
        database.read(connection -> {
          if (before == null) {
            before = connection.prepareStatement(BEFORE);
          }
          before.setLong(1, policyId);
          before.setLong(2, second);
          before.setLong(3, key);
          before.setLong(4, lastKey);
          found[0] = reading(before, policyId);
          return true;
        });
    return Optional.ofNullable(found[0]);
  }

  /// The last plausible reading of a policy in the order in which rows were written, before a key;
  /// empty if there is none.
  Optional<Reading> writtenBefore(long policyId, long key) {
    @Nullable Reading[] found = new Reading[1];
    boolean _ =
        database.read(connection -> {
          OptionalLong at = keyBefore(connection, policyId, key);
          while (at.isPresent() && found[0] == null) {
            found[0] = ofKey(connection, policyId, at.getAsLong());
            at = keyBefore(connection, policyId, at.getAsLong());
          }
          return true;
        });
    return Optional.ofNullable(found[0]);
  }

  private OptionalLong keyBefore(Connection connection, long policyId, long key)
      throws SQLException {
    if (keyBefore == null) {
      keyBefore = connection.prepareStatement(KEY_BEFORE);
    }
    keyBefore.setLong(1, policyId);
    keyBefore.setLong(2, key);
    try (ResultSet row = keyBefore.executeQuery()) {
      long found = row.getLong(1);
      return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(found);
    }
  }

  private @Nullable Reading ofKey(Connection connection, long policyId, long key)
      throws SQLException {
    if (ofKey == null) {
      ofKey = connection.prepareStatement(OF_KEY);
    }
    ofKey.setLong(1, key);
    return reading(ofKey, policyId);
  }

  private static @Nullable Reading reading(PreparedStatement statement, long policyId)
      throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return row.next()
          ? new Reading(policyId, row.getLong(1), row.getLong(2), row.getLong(3), 0)
          : null;
    }
  }

  @Override
  public void close() {
    boolean _ =
        database.read(_ -> {
          for (PreparedStatement statement : new PreparedStatement[] {before, keyBefore, ofKey}) {
            if (statement != null) {
              statement.close();
            }
          }
          return true;
        });
  }
}
