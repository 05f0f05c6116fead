package dev.patronus.store.table;

import dev.patronus.audit.Actor;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.CounterState.SourceProgress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.store.Database;
import dev.patronus.store.Transaction;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `patronus_counters` and the two tables beside it: the name of the database, the last numbered
/// snapshot with the progress of the sources, and the last reset.
///
/// Confined to the database's thread.
final class CounterTable {
  private static final int ID_BYTES = 8;

  private static final String STATE =
      """
      SELECT snapshot, taken, first_stat_id, last_stat_id, unmatched_packets, unmatched_bytes,
        tunnel_packets, tunnel_bytes, estimated
      FROM patronus_counters WHERE snapshot > 0
      """;

  private static final String POLICIES =
      """
      SELECT policy_id, packets_matched, bytes_matched, active_flows FROM sdwan_policy_stats
      WHERE stat_id BETWEEN ? AND ?
      """;

  private static final String SAVE =
      """
      UPDATE patronus_counters SET snapshot = ?, taken = ?, first_stat_id = ?, last_stat_id = ?,
        unmatched_packets = ?, unmatched_bytes = ?, tunnel_packets = ?, tunnel_bytes = ?,
        estimated = ?
      """;

  private final Database database;

  CounterTable(Database database) {
    this.database = database;
  }

  private boolean exists() {
    return database.schema().has("patronus_source_progress");
  }

  /// The name of the database; empty if it has none yet.
  Optional<String> databaseId() {
    return exists()
        ? database.read(connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT database_id FROM patronus_counters");
              ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
          }
        })
        : Optional.empty();
  }

  /// A name that no other database has: 64 random bits.
  static String newId() {
    byte[] random = new byte[ID_BYTES];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /// Names the database, if nobody has done so yet; gives the name that it has then.
  String identify(String id, Actor daemon, Instant now) {
    return databaseId()
        .orElseGet(() -> {
          int _ = database.write(daemon, now, transaction -> identify(transaction, id));
          return databaseId().orElseThrow();
        });
  }

  private static int identify(Transaction transaction, String id) throws SQLException {
    String sql = "INSERT OR IGNORE INTO patronus_counters (one, database_id) VALUES (1, ?)";
    try (PreparedStatement insert = transaction.connection().prepareStatement(sql)) {
      insert.setString(1, id);
      return insert.executeUpdate();
    }
  }

  /// The last numbered snapshot, whatever stamps it and others have; empty if there is none.
  Optional<CounterState> state() throws SQLException {
    if (!exists()) {
      return Optional.empty();
    }
    try (PreparedStatement select = database.connection().prepareStatement(STATE);
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      Instant taken = Instant.ofEpochSecond(row.getLong(2));
      Snapshot snapshot =
          new Snapshot(
              taken,
              policies(row.getLong(3), row.getLong(4), taken),
              total(row.getLong(5), row.getLong(6), taken),
              row.getLong(9) != 0);
      PolicyTotal tunnels = total(row.getLong(7), row.getLong(8), null);
      return Optional.of(new CounterState(row.getLong(1), snapshot, tunnels, sources()));
    }
  }

  private static PolicyTotal total(long packets, long bytes, Instant at) {
    return new PolicyTotal(Snapshot.UNMATCHED, packets, bytes, 0, at);
  }

  private List<PolicyTotal> policies(long first, long last, Instant taken) throws SQLException {
    List<PolicyTotal> totals = new ArrayList<>();
    try (PreparedStatement select = database.connection().prepareStatement(POLICIES)) {
      select.setLong(1, first);
      select.setLong(2, last);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          totals.add(
              new PolicyTotal(
                  row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), taken));
        }
      }
    }
    return totals;
  }

  private List<SourceProgress> sources() throws SQLException {
    List<SourceProgress> sources = new ArrayList<>();
    String sql = "SELECT source_id, records, digest, opened FROM patronus_source_progress";
    try (PreparedStatement select = database.connection().prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        sources.add(
            new SourceProgress(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)));
      }
    }
    return sources;
  }

  /// Notes that the rows of a snapshot have been written.
  ///
  /// @param firstRow the `stat_id` of the first one that may be of it
  void save(Transaction transaction, CounterState state, long firstRow, long lastRow)
      throws SQLException {
    int _ = identify(transaction, newId()); // it has a name, unless somebody emptied the table
    Snapshot snapshot = state.snapshot();
    try (PreparedStatement update = database.connection().prepareStatement(SAVE)) {
      update.setLong(1, state.number());
      update.setLong(2, snapshot.taken().getEpochSecond());
      update.setLong(3, firstRow);
      update.setLong(4, lastRow);
      update.setLong(5, snapshot.unmatched().packets());
      update.setLong(6, snapshot.unmatched().bytes());
      update.setLong(7, state.tunnels().packets());
      update.setLong(8, state.tunnels().bytes());
      update.setInt(9, snapshot.estimated() ? 1 : 0);
      update.executeUpdate();
    }
    database.execute("DELETE FROM patronus_source_progress");
    String sql =
        "INSERT INTO patronus_source_progress (source_id, records, digest, opened)"
            + " VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = database.connection().prepareStatement(sql)) {
      for (SourceProgress source : state.sources()) {
        insert.setLong(1, source.sourceId());
        insert.setLong(2, source.records());
        insert.setLong(3, source.digest());
        insert.setLong(4, source.opened());
        insert.executeUpdate();
      }
    }
  }

  /// Notes a reset, in place of the one before it.
  void save(CounterReset reset) throws SQLException {
    try (PreparedStatement update =
        database.connection().prepareStatement("UPDATE patronus_counters SET resets = ?")) {
      update.setLong(1, reset.number());
      update.executeUpdate();
    }
    database.execute("DELETE FROM patronus_counter_resets");
    String sql =
        "INSERT INTO patronus_counter_resets (kind, policy_id, packets, bytes)"
            + " VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = database.connection().prepareStatement(sql)) {
      for (CounterReset.Part part : reset.parts()) {
        insert.setString(1, part.kind().name().toLowerCase(Locale.ROOT));
        insert.setLong(2, part.policyId());
        insert.setLong(3, part.packets());
        insert.setLong(4, part.bytes());
        insert.executeUpdate();
      }
    }
  }

  /// The last reset.
  CounterReset lastReset() {
    return exists() ? database.readAtOnce(_ -> readReset()) : CounterReset.NONE;
  }

  private CounterReset readReset() throws SQLException {
    long number = 0;
    try (PreparedStatement select =
            database.connection().prepareStatement("SELECT resets FROM patronus_counters");
        ResultSet row = select.executeQuery()) {
      if (row.next()) {
        number = row.getLong(1);
      }
    }
    List<CounterReset.Part> parts = new ArrayList<>();
    String sql = "SELECT kind, policy_id, packets, bytes FROM patronus_counter_resets";
    try (PreparedStatement select = database.connection().prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        CounterReset.Kind kind =
            CounterReset.Kind.valueOf(row.getString(1).toUpperCase(Locale.ROOT));
        parts.add(new CounterReset.Part(kind, row.getLong(2), row.getLong(3), row.getLong(4)));
      }
    }
    return new CounterReset(number, parts);
  }
}
