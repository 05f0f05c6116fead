package dev.patronus.store.table;

import dev.patronus.flow.FlowKey;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Our rows of `sdwan_flows`, which the platform's dashboard shows and nobody else writes.
///
/// Rows of others are neither changed nor deleted: [#OURS] says which are ours. `flow_id` is never
/// given out twice (AUTOINCREMENT).
///
/// Confined to the database's thread.
public final class PlatformFlowTable {
  private static final String TABLE = "sdwan_flows";
  private static final String OURS = "patronus_platform_flows";

  /// Gives no row where somebody else's has the same addresses and ports, or where the platform's
  /// table demands what we do not know.
  private static final String PUT =
      """
      INSERT OR IGNORE INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,
        policy_id, started_at, last_seen_at, bytes_tx, bytes_rx, packets_tx, packets_rx, status)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active')
      ON CONFLICT (src_ip, dst_ip, src_port, dst_port, protocol) DO UPDATE SET
        path_id = excluded.path_id, policy_id = excluded.policy_id,
        started_at = excluded.started_at, last_seen_at = excluded.last_seen_at,
        bytes_tx = excluded.bytes_tx, bytes_rx = excluded.bytes_rx,
        packets_tx = excluded.packets_tx, packets_rx = excluded.packets_rx, status = 'active'
      WHERE flow_id IN (SELECT flow_id FROM patronus_platform_flows)
      RETURNING flow_id
      """;

  private static final String OURS_ALL = "SELECT flow_id FROM patronus_platform_flows";

  private static final String NOTE =
      "INSERT INTO patronus_platform_flows (flow_id, round) VALUES (?, 0)";

  private static final String DELETE_ENDED = "DELETE FROM sdwan_flows WHERE flow_id = ?";

  private static final String FORGET = "DELETE FROM patronus_platform_flows WHERE flow_id = ?";

  private static final String ANY_ARCHIVE = "SELECT 1 FROM patronus_deleted_sites LIMIT 1";

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  private PlatformFlowTable() {}

  /// Whether a database has the table.
  public static boolean exists(Database database) {
    return database.schema().has(TABLE);
  }

  /// Makes these flows our rows: the others that are ours have ended, and go.
  static void replace(Database database, Transaction transaction, List<PlatformFlow> flows)
      throws SQLException {
    Connection connection = transaction.connection();
    if (!exists(database) || (flows.isEmpty() && isEmpty(connection))) {
      return;
    }
    Set<Long> noted = new HashSet<>(NUMBER.list(connection, OURS_ALL));
    Set<Long> ended = new HashSet<>(noted);
    try (PreparedStatement put = connection.prepareStatement(PUT);
        PreparedStatement note = connection.prepareStatement(NOTE)) {
      for (PlatformFlow flow : flows) {
        bind(put, flow);
        for (long id : ids(put)) {
          ended.remove(id);
          if (noted.add(id)) {
            note.setLong(1, id);
            note.executeUpdate();
          }
        }
      }
    }
    deleteEnded(connection, ended);
  }

  private static boolean isEmpty(Connection connection) throws SQLException {
    return NUMBER.first(connection, "SELECT 1 FROM " + OURS + " LIMIT 1").isEmpty();
  }

  private static void bind(PreparedStatement put, PlatformFlow flow) throws SQLException {
    FlowKey key = flow.key();
    put.setString(1, key.src().toString());
    put.setString(2, key.dst().toString());
    put.setInt(3, key.srcPort());
    put.setInt(4, key.dstPort());
    put.setInt(5, key.protocol());
    put.setLong(6, flow.pathId());
    put.setLong(7, flow.policyId());
    put.setLong(8, flow.startedAt().getEpochSecond());
    put.setLong(9, flow.lastSeenAt().getEpochSecond());
    put.setLong(10, flow.sent().bytes());
    put.setLong(11, flow.received().bytes());
    put.setLong(12, flow.sent().packets());
    put.setLong(13, flow.received().packets());
  }

  private static List<Long> ids(PreparedStatement statement) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
    return ids;
  }

  /// Deletes rows of flows that have ended. Those that somebody else has deleted stay noted while
  /// an archive may bring them back.
  private static void deleteEnded(Connection connection, Set<Long> ended) throws SQLException {
    if (ended.isEmpty()) {
      return;
    }
    boolean archives = NUMBER.first(connection, ANY_ARCHIVE).isPresent();
    try (PreparedStatement delete = connection.prepareStatement(DELETE_ENDED);
        PreparedStatement forget = connection.prepareStatement(FORGET)) {
      for (long id : ended) {
        delete.setLong(1, id);
        if (delete.executeUpdate() > 0 || !archives) {
          forget.setLong(1, id);
          forget.executeUpdate();
        }
      }
    }
  }
}
