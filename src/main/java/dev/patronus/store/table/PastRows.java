package dev.patronus.store.table;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.Reading;
import dev.patronus.store.rollup.PastRollup;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts the traffic of a capture between the rows of one policy, or of unmatched traffic: new rows
/// in its time, and as much more in all rows after them, up to the next reset.
///
/// ```text
///   before       row 100                                  row 100    row 130
///   capture                       +20      +30
///   after        row 100  100     120      150            row 150    row 180
/// ```
///
/// So what each row shows more than the one before it stays the same, and that of the capture lies
/// in its own time. Where there is no row before, the first new one shows what the next had.
///
/// Confined to the database's thread; within one transaction.
final class PastRows {
  /// The most rows of all policies that a capture may add or change: others wait for them.
  static final int ROWS_MAX = 200_000;

  private static final PastRows POLICY =
      new PastRows(
          """
          SELECT stat_id, timestamp, packets_matched, bytes_matched FROM sdwan_policy_stats
          WHERE policy_id = ?1 AND timestamp < ?2 AND packets_matched >= 0 AND bytes_matched >= 0
          ORDER BY timestamp DESC, stat_id DESC LIMIT 1
          """,
          """
          SELECT stat_id, timestamp, packets_matched, bytes_matched FROM sdwan_policy_stats
          WHERE policy_id = ?1 AND timestamp >= ?2 AND packets_matched >= 0 AND bytes_matched >= 0
          ORDER BY timestamp, stat_id LIMIT ?3
          """,
          """
          INSERT INTO sdwan_policy_stats
            (policy_id, timestamp, packets_matched, bytes_matched, active_flows)
          VALUES (?1, ?2, ?3, ?4, ?5)
          """,
          """
          UPDATE sdwan_policy_stats
          SET packets_matched = packets_matched + ?2, bytes_matched = bytes_matched + ?3
          WHERE stat_id = ?1
          """,
          """
          UPDATE sdwan_policy_stats SET
            packets_matched = packets_matched + min(?2, 9223372036854775807 - packets_matched),
            bytes_matched = bytes_matched + min(?3, 9223372036854775807 - bytes_matched)
          WHERE policy_id = ?1 AND packets_matched >= 0 AND bytes_matched >= 0
            AND (timestamp, stat_id) >= (?4, ?5) AND (timestamp, stat_id) <= (?6, ?7)
          """);

  private static final PastRows UNMATCHED =
      new PastRows(
          """
          SELECT timestamp, timestamp, packets, bytes FROM patronus_unmatched_stats
          WHERE ?1 = 0 AND timestamp < ?2 AND packets >= 0 AND bytes >= 0
          ORDER BY timestamp DESC LIMIT 1
          """,
          """
          SELECT timestamp, timestamp, packets, bytes FROM patronus_unmatched_stats
          WHERE ?1 = 0 AND timestamp >= ?2 AND packets >= 0 AND bytes >= 0
          ORDER BY timestamp LIMIT ?3
          """,
          """
          INSERT INTO patronus_unmatched_stats (timestamp, packets, bytes, active_flows)
          SELECT ?2, ?3, ?4, ?5 WHERE ?1 = 0
          """,
          """
          UPDATE patronus_unmatched_stats SET packets = packets + ?2, bytes = bytes + ?3
          WHERE timestamp = ?1
          """,
          """
          UPDATE patronus_unmatched_stats SET
            packets = packets + min(?2, 9223372036854775807 - packets),
            bytes = bytes + min(?3, 9223372036854775807 - bytes)
          WHERE ?1 = 0 AND packets >= 0 AND bytes >= 0 AND timestamp >= ?4 AND timestamp <= ?6
            AND ?5 IS NOT NULL AND ?7 IS NOT NULL
          """);

  private final String before;
  private final String after;
  private final String insert;
  private final String raise;
  private final String raiseAll;

  private PastRows(String before, String after, String insert, String raise, String raiseAll) {
    this.before = before;
    this.after = after;
    this.insert = insert;
    this.raise = raise;
    this.raiseAll = raiseAll;
  }

  /// The rows of a policy; of unmatched traffic for 0.
  static PastRows of(boolean unmatched) {
    return unmatched ? UNMATCHED : POLICY;
  }

  private record Row(long id, long second, long packets, long bytes) {
    boolean isResetAfter(Row other) {
      return packets < other.packets || bytes < other.bytes;
    }
  }

  /// What was done.
  ///
  /// @param rows how many rows were added or changed
  /// @param first the reading before those of the capture, if it was added
  /// @param lasts whether the traffic is in the last row, too: no reset came after it
  record Done(int rows, Optional<PastRollup.Base> first, boolean lasts) {}

  /// Puts the readings of a capture in.
  ///
  /// @param readings in order of time, cumulative since the capture began; at least one
  /// @param base the second before the first minute of them
  /// @param limit how many rows may be added or changed
  /// @throws UserError if there are more, or a reset lies in the time of the readings
  Done put(Connection connection, long id, List<Reading> readings, long base, int limit)
      throws SQLException {
    List<Row> later = later(connection, id, base, limit);
    if (later.size() + readings.size() >= limit) {
      throw new UserError(
          ExitCode.REFUSED,
          "more than "
              + ROWS_MAX
              + " rows of history would have to be added or changed; cut the capture ('editcap -A"
              + " FROM -B TO FILE NEW'), or count it into a database of its own ('patronus db"
              + " init')");
    }
    try (PreparedStatement add = connection.prepareStatement(insert);
        PreparedStatement more = connection.prepareStatement(raise);
        PreparedStatement all = connection.prepareStatement(raiseAll)) {
      return new Merge(id, later, add, more, all).put(readings, before(connection, id, base), base);
    }
  }

  private Optional<Row> before(Connection connection, long id, long base) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(before)) {
      select.setLong(1, id);
      select.setLong(2, base);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row(row)) : Optional.empty();
      }
    }
  }

  private List<Row> later(Connection connection, long id, long base, int limit)
      throws SQLException {
    List<Row> later = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(after)) {
      select.setLong(1, id);
      select.setLong(2, base);
      select.setInt(3, limit);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          later.add(row(row));
        }
      }
    }
    return later;
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
  }

  /// The rows from the capture's first minute on, and what becomes of them.
  private static final class Merge {
    private final long id;
    private final List<Row> later;
    private final PreparedStatement add;
    private final PreparedStatement more;
    private final PreparedStatement all;
    private int next;
    private int rows;

    @SuppressWarnings("NullAway.Init") // set by [#put]
    private Row current;

    Merge(
        long id,
        List<Row> later,
        PreparedStatement add,
        PreparedStatement more,
        PreparedStatement all) {
      this.id = id;
      this.later = later;
      this.add = add;
      this.more = more;
      this.all = all;
    }

    Done put(List<Reading> readings, Optional<Row> before, long base) throws SQLException {
      Row nothing = new Row(0, base, 0, 0);
      current = before.orElse(later.isEmpty() ? nothing : later.getFirst());
      Optional<PastRollup.Base> first = Optional.empty();
      if (later.isEmpty() || later.getFirst().second() > base) {
        insert(new Reading(id, base, 0, 0, 0));
        first = Optional.of(new PastRollup.Base(before.map(Row::second)));
      }
      Reading counted = new Reading(id, base, 0, 0, 0);
      for (Reading reading : readings) {
        raiseUntil(reading.epochSecond(), counted);
        boolean exists = raiseUntil(reading.epochSecond() + 1, reading);
        if (!exists) {
          insert(reading);
        }
        counted = reading;
      }
      raiseUntilReset(counted);
      return new Done(rows, first, next == later.size());
    }

    /// Raises the rows before a second; whether there were any.
    private boolean raiseUntil(long second, Reading counted) throws SQLException {
      boolean any = false;
      while (next < later.size() && later.get(next).second() < second) {
        if (later.get(next).isResetAfter(current)) {
          throw new UserError(
              ExitCode.REFUSED,
              "counters were reset at "
                  + Instant.ofEpochSecond(later.get(next).second())
                  + ", within its time; cut the capture there ('editcap -A FROM -B TO FILE NEW')");
        }
        raise(counted);
        any = true;
      }
      return any;
    }

    /// Raises all rows that are left before the next reset, by one statement.
    private void raiseUntilReset(Reading counted) throws SQLException {
      int from = next;
      while (next < later.size() && !later.get(next).isResetAfter(current)) {
        current = later.get(next++);
      }
      if (next > from && counted.packets() > 0) {
        all.setLong(1, id);
        all.setLong(2, counted.packets());
        all.setLong(3, counted.bytes());
        all.setLong(4, later.get(from).second());
        all.setLong(5, later.get(from).id());
        all.setLong(6, current.second());
        all.setLong(7, current.id());
        rows += all.executeUpdate();
      }
    }

    private void raise(Reading counted) throws SQLException {
      current = later.get(next++);
      if (counted.packets() > 0) {
        more.setLong(1, current.id());
        more.setLong(2, Math.min(counted.packets(), Long.MAX_VALUE - current.packets()));
        more.setLong(3, Math.min(counted.bytes(), Long.MAX_VALUE - current.bytes()));
        more.executeUpdate();
        rows++;
      }
    }

    private void insert(Reading reading) throws SQLException {
      add.setLong(1, id);
      add.setLong(2, reading.epochSecond());
      add.setLong(3, sum(current.packets(), reading.packets()));
      add.setLong(4, sum(current.bytes(), reading.bytes()));
      add.setLong(5, reading.activeFlows());
      add.executeUpdate();
      rows++;
    }

    private static long sum(long a, long b) {
      return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
  }
}
