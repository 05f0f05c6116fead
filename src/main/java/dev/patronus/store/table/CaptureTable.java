package dev.patronus.store.table;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.store.Database;
import dev.patronus.store.Transaction;
import dev.patronus.time.EpochSeconds;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `patronus_captures`: the captures that were counted into the history of their own time.
///
/// Confined to the database's thread.
public final class CaptureTable {
  private static final String TABLE = "patronus_captures";

  private static final String ALL =
      "SELECT name, counted_at, records, digest, last_millis FROM patronus_captures"
          + " ORDER BY capture_id";

  private static final String INSERT =
      """
      INSERT INTO patronus_captures
        (name, counted_at, records, digest, first_millis, last_millis, packets, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private static final String OF_SAME_TIME =
      "SELECT name FROM patronus_captures WHERE first_millis < ? AND last_millis > ? LIMIT 1";

  /// A row that counts something in a range, other than for a capture: its counters differ from
  /// those of the row before it.
  private static final String LIVE =
      """
      SELECT min(at) FROM (
        SELECT s.timestamp AS at FROM sdwan_policies p JOIN sdwan_policy_stats s
          ON s.policy_id = p.policy_id AND s.timestamp > ?1 AND s.timestamp < ?2
        WHERE s.packets_matched <> (
            SELECT q.packets_matched FROM sdwan_policy_stats q
            WHERE q.policy_id = s.policy_id AND (q.timestamp, q.stat_id) < (s.timestamp, s.stat_id)
            ORDER BY q.timestamp DESC, q.stat_id DESC LIMIT 1)
        UNION ALL
        SELECT s.timestamp FROM patronus_unmatched_stats s
        WHERE s.timestamp > ?1 AND s.timestamp < ?2 AND s.packets <> (
            SELECT q.packets FROM patronus_unmatched_stats q
            WHERE q.timestamp < s.timestamp ORDER BY q.timestamp DESC LIMIT 1))
      WHERE NOT EXISTS (SELECT 1 FROM patronus_captures c
        WHERE c.first_millis < (at + 1) * 1000 AND c.last_millis >= (at - ?3) * 1000)
      """;

  private final Database database;

  public CaptureTable(Database database) {
    this.database = database;
  }

  /// A capture that was counted.
  ///
  /// @param records how many packets of IP it had
  /// @param lastMillis the time of its last packet, in epoch milliseconds
  public record Counted(String name, Instant at, long records, long digest, long lastMillis) {}

  /// All captures that were counted, in the order in which they were.
  public List<Counted> all() {
    if (!database.schema().has(TABLE)) {
      return List.of();
    }
    return database.read(connection -> {
      List<Counted> all = new ArrayList<>();
      try (PreparedStatement select = connection.prepareStatement(ALL);
          ResultSet row = select.executeQuery()) {
        while (row.next()) {
          all.add(
              new Counted(
                  row.getString(1),
                  EpochSeconds.toInstant(row.getLong(2)),
                  row.getLong(3),
                  row.getLong(4),
                  row.getLong(5)));
        }
      }
      return all;
    });
  }

  /// Refuses a capture whose time is counted already.
  ///
  /// @param every how much time a row of a snapshot covers
  /// @throws UserError that says by what, and what to do
  void requireUncounted(CapturedTraffic capture, Duration every) throws SQLException {
    Optional<String> other = ofSameTime(capture);
    if (other.isPresent()) {
      throw new UserError(
          ExitCode.REFUSED,
          "its time, "
              + range(capture)
              + ", is that of "
              + other.get()
              + ", which was counted before; two captures of one time count as one file ('mergecap"
              + " -w NEW FILE FILE') in a database that has neither");
    }
    Optional<Instant> live = live(capture, every);
    if (live.isPresent()) {
      throw new UserError(
          ExitCode.REFUSED,
          "its time, "
              + range(capture)
              + ", has traffic that live sources counted, the first until "
              + live.get()
              + "; cut the capture to the time before or after ('editcap -A FROM -B TO FILE NEW'),"
              + " or count it into a database of its own ('patronus db init')");
    }
  }

  private static String range(CapturedTraffic capture) {
    return Instant.ofEpochSecond(capture.firstSecond())
        + " to "
        + Instant.ofEpochSecond(capture.untilSecond());
  }

  private Optional<String> ofSameTime(CapturedTraffic capture) throws SQLException {
    try (PreparedStatement select = database.connection().prepareStatement(OF_SAME_TIME)) {
      select.setLong(1, capture.untilMillis());
      select.setLong(2, capture.firstMillis());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  private Optional<Instant> live(CapturedTraffic capture, Duration every) throws SQLException {
    try (PreparedStatement select = database.connection().prepareStatement(LIVE)) {
      select.setLong(1, capture.firstSecond());
      select.setLong(2, capture.untilSecond() + every.toSeconds());
      select.setLong(3, every.toSeconds());
      try (ResultSet row = select.executeQuery()) {
        long at = row.next() ? row.getLong(1) : 0;
        return row.wasNull() ? Optional.empty() : Optional.of(EpochSeconds.toInstant(at));
      }
    }
  }

  /// Notes that a capture was counted.
  void insert(Transaction transaction, CapturedTraffic capture) throws SQLException {
    try (PreparedStatement insert = transaction.connection().prepareStatement(INSERT)) {
      insert.setString(1, capture.name());
      insert.setLong(2, transaction.now().getEpochSecond());
      insert.setLong(3, capture.records());
      insert.setLong(4, capture.digest());
      insert.setLong(5, capture.firstMillis());
      insert.setLong(6, capture.lastMillis());
      insert.setLong(7, capture.total().packets());
      insert.setLong(8, capture.total().bytes());
      insert.executeUpdate();
    }
  }
}
