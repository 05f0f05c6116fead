package dev.patronus.store.table;

import dev.patronus.audit.Actor;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.CounterState.SourceProgress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

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

  private static final String DATABASE_ID = "SELECT database_id FROM patronus_counters";

  private static final String SOURCES =
      "SELECT source_id, records, digest, opened FROM patronus_source_progress";

  private static final String SAVE_SOURCE =
      """
      INSERT INTO patronus_source_progress (source_id, records, digest, opened)
      VALUES (?, ?, ?, ?)
      """;

  private static final String PARTS =
      "SELECT upper(kind), policy_id, packets, bytes FROM patronus_counter_resets";

  private static final String SAVE_PART =
      """
      INSERT INTO patronus_counter_resets (kind, policy_id, packets, bytes)
      VALUES (lower(?), ?, ?, ?)
      """;

  private static final RowReader<String> NAME = row -> row.getString(1);

  private static final RowReader<SourceProgress> SOURCE =
      row -> new SourceProgress(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));

  private static final RowReader<CounterReset.Part> PART =
      row ->
          new CounterReset.Part(
              CounterReset.Kind.valueOf(row.getString(1)),
              row.getLong(2),
              row.getLong(3),
              row.getLong(4));

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
        ? database.read(connection -> NAME.first(connection, DATABASE_ID))
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

  private static int identify(Transaction transaction, String id) {
    String sql = "INSERT OR IGNORE INTO patronus_counters (one, database_id) VALUES (1, ?)";
    return transaction.handle().execute(sql, id);
  }

  /// The last numbered snapshot, whatever stamps it and others have; empty if there is none.
  Optional<CounterState> state(Connection connection) throws SQLException {
    RowReader<CounterState> state = row -> state(connection, row);
    return exists() ? state.first(connection, STATE) : Optional.empty();
  }

  private static CounterState state(Connection connection, ResultSet row) throws SQLException {
    Instant taken = Instant.ofEpochSecond(row.getLong(2));
    RowReader<PolicyTotal> policy =
        of -> new PolicyTotal(of.getLong(1), of.getLong(2), of.getLong(3), of.getLong(4), taken);
    Snapshot snapshot =
        new Snapshot(
            taken,
            policy.list(connection, POLICIES, row.getLong(3), row.getLong(4)),
            total(row.getLong(5), row.getLong(6), taken),
            row.getLong(9) != 0);
    PolicyTotal tunnels = total(row.getLong(7), row.getLong(8), null);
    List<SourceProgress> sources = SOURCE.list(connection, SOURCES);
    return new CounterState(row.getLong(1), snapshot, tunnels, sources);
  }

  private static PolicyTotal total(long packets, long bytes, @Nullable Instant at) {
    return new PolicyTotal(Snapshot.UNMATCHED, packets, bytes, 0, at);
  }

  /// Notes that the rows of a snapshot have been written.
  ///
  /// @param firstRow the `stat_id` of the first one that may be of it
  void save(Transaction transaction, CounterState state, long firstRow, long lastRow) {
    int _ = identify(transaction, newId()); // it has a name, unless somebody emptied the table
    Handle handle = transaction.handle();
    Snapshot snapshot = state.snapshot();
    handle.execute(
        SAVE,
        state.number(),
        snapshot.taken().getEpochSecond(),
        firstRow,
        lastRow,
        snapshot.unmatched().packets(),
        snapshot.unmatched().bytes(),
        state.tunnels().packets(),
        state.tunnels().bytes(),
        snapshot.estimated() ? 1 : 0);
    handle.execute("DELETE FROM patronus_source_progress");
    for (SourceProgress source : state.sources()) {
      handle.execute(
          SAVE_SOURCE, source.sourceId(), source.records(), source.digest(), source.opened());
    }
  }

  /// Notes a reset, in place of the one before it.
  void save(Transaction transaction, CounterReset reset) {
    Handle handle = transaction.handle();
    handle.execute("UPDATE patronus_counters SET resets = ?", reset.number());
    handle.execute("DELETE FROM patronus_counter_resets");
    try (PreparedBatch parts = handle.prepareBatch(SAVE_PART)) {
      for (CounterReset.Part part : reset.parts()) {
        parts.add(part.kind().name(), part.policyId(), part.packets(), part.bytes());
      }
      parts.execute();
    }
  }

  /// The last reset.
  CounterReset lastReset() {
    return exists() ? database.readAtOnce(CounterTable::readReset) : CounterReset.NONE;
  }

  private static CounterReset readReset(Connection connection) throws SQLException {
    RowReader<Long> number = row -> row.getLong(1);
    return new CounterReset(
        number.first(connection, "SELECT resets FROM patronus_counters").orElse(0L),
        PART.list(connection, PARTS));
  }
}
