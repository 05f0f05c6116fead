package dev.patronus.store.outbox;

import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/// Reads the next batch for a hub.
///
/// Confined to one thread.
public final class OutboxReader {
  private static final int PAGE = 500;

  private static final String CELL =
      """
      SELECT series_id, start, packets, bytes, active_flows, active_flows_highest, last_second,
        covered_seconds, longest_seconds, readings, resets, implausible
      FROM TIER
      """;

  private static final String NEXT_CELLS =
      CELL + "WHERE (series_id, start) > (?, ?) ORDER BY series_id, start LIMIT ?";

  private static final String ONE_CELL = CELL + "WHERE series_id = ? AND start = ?";

  private static final String OLDER_CELL =
      "SELECT 1 FROM TIER WHERE series_id = ? AND start < ? LIMIT 1";

  private static final int CELL_COLUMNS = 12;

  private static final String SERIES =
      """
      SELECT series_id, policy_id, substr(name, 1, 4096), newest, disordered, last_timestamp,
        last_packets, last_bytes, hours_until, days_until, open_start, open_packets, open_bytes,
        open_active_flows, open_active_flows_highest, open_last_second, open_covered_seconds,
        open_longest_seconds, open_readings, open_resets, open_implausible
      FROM patronus_series
      """;

  private static final String NEXT_SERIES = SERIES + "WHERE series_id > ? ORDER BY 1 LIMIT ?";

  private static final String ONE_SERIES = SERIES + "WHERE series_id = ?";

  private static final int SERIES_COLUMNS = 21;

  private static final String UNMATCHED =
      "SELECT timestamp, packets, bytes, active_flows FROM patronus_unmatched_stats ";

  private static final String NEXT_UNMATCHED =
      UNMATCHED + "WHERE timestamp > ? ORDER BY timestamp LIMIT ?";

  private static final String ONE_UNMATCHED = UNMATCHED + "WHERE timestamp = ?";

  private static final String STATS =
      """
      SELECT stat_id, policy_id, timestamp, packets_matched, bytes_matched, active_flows
      FROM sdwan_policy_stats
      """;

  private static final String NEXT_STATS = STATS + "WHERE stat_id > ? ORDER BY 1 LIMIT ?";

  private static final String ONE_STAT = STATS + "WHERE stat_id = ?";

  private static final String EARLIER_STATS =
      STATS + "WHERE stat_id < ? ORDER BY stat_id DESC LIMIT ?";

  private static final int STAT_COLUMNS = 6;

  private static final String METRICS =
      """
      SELECT metric_id, path_id, timestamp, latency_ms, jitter_ms, packet_loss_pct, bandwidth_mbps,
        mtu, score
      FROM sdwan_path_metrics
      """;

  private static final String NEXT_METRICS = METRICS + "WHERE metric_id > ? ORDER BY 1 LIMIT ?";

  private static final String EARLIER_METRICS =
      METRICS + "WHERE metric_id < ? ORDER BY 1 DESC LIMIT ?";

  private static final String AUDIT =
      """
      SELECT id, timestamp, user_id, user_email, ip_address, user_agent, event_type,
        substr(event_data, 1, 65536), success, severity
      FROM audit_logs
      """;

  private static final String NEXT_AUDIT = AUDIT + "WHERE id > ? ORDER BY 1 LIMIT ?";

  private static final String EARLIER_AUDIT = AUDIT + "WHERE id < ? ORDER BY 1 DESC LIMIT ?";

  private static final String CHANGES =
      """
      SELECT seq, kind, key, start, at FROM patronus_fleet_changes
      WHERE seq > ? ORDER BY seq LIMIT ?
      """;

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  private final Database database;
  private final long limit;

  /// @param limit a batch ends after about so many bytes
  public OutboxReader(Database database, long limit) {
    this.database = database;
    this.limit = limit;
  }

  /// Reads what follows some marks.
  public Batch next(Marks marks) {
    return database.readAtOnce(connection -> {
      try (Reading reading = new Reading(connection, marks)) {
        return reading.batch();
      }
    });
  }

  /// Whether a table was created again since the marks were made, so that its keys begin again:
  /// then they say nothing.
  public boolean restarted(Marks marks) {
    return database.readAtOnce(connection ->
        lastGiven(connection, "sdwan_policy_stats", "stat_id") < marks.stat()
            || lastGiven(connection, "sdwan_path_metrics", "metric_id") < marks.metric()
            || lastGiven(connection, "audit_logs", "id") < marks.audit()
            || lastGiven(connection, "patronus_fleet_changes", "seq") < marks.seq());
  }

  private static long lastGiven(Connection connection, String table, String key)
      throws SQLException {
    String sql = "SELECT max(" + key + ") FROM " + table;
    return Math.max(
        NUMBER.first(connection, sql).orElse(0L),
        NUMBER
            .first(connection, "SELECT seq FROM sqlite_sequence WHERE name = ?", table)
            .orElse(0L));
  }

  /// A table whose rows are compared with those of a hub.
  public enum Compared {
    STATS("stats", "stats"),
    METRICS("path_metrics", "metrics"),
    AUDIT("audit_logs", "audit");

    private final String member;
    private final String answer;

    Compared(String member, String answer) {
      this.member = member;
      this.answer = answer;
    }

    /// The member of a call that has them.
    public String member() {
      return member;
    }

    /// The member of the answer that has the newest of them.
    public String answer() {
      return answer;
    }
  }

  /// Rows of a table as a JSON array.
  ///
  /// @param first the lowest key; empty where there are none
  public record Rows(String json, OptionalLong first) {}

  /// Some rows of a table before a key, for the comparison.
  public Rows before(Compared table, long key) {
    String sql =
        switch (table) {
          case STATS -> EARLIER_STATS;
          case METRICS -> EARLIER_METRICS;
          case AUDIT -> EARLIER_AUDIT;
        };
    return database.readAtOnce(connection -> {
      RowArrays arrays = new RowArrays(Long.MAX_VALUE);
      long[] lowest = {Long.MAX_VALUE};
      RowReader<Boolean> append =
          row -> {
            lowest[0] = Math.min(lowest[0], row.getLong(1));
            arrays.begin(table.member());
            switch (table) {
              case STATS -> arrays.numbers(row, 1, STAT_COLUMNS);
              case METRICS -> metric(arrays, row);
              case AUDIT -> audit(arrays, row);
            }
            arrays.end();
            return true;
          };
      append.list(connection, sql, key, PAGE);
      return new Rows(
          arrays.json(table.member()),
          arrays.rows() == 0 ? OptionalLong.empty() : OptionalLong.of(lowest[0]));
    });
  }

  private static void metric(RowArrays arrays, ResultSet row) throws SQLException {
    arrays.numbers(row, 1, 3).reals(row, 4, 7).nullable(row, 8, 9);
  }

  private static void audit(RowArrays arrays, ResultSet row) throws SQLException {
    arrays.numbers(row, 1, 1).number(second(row.getString(2))).present(row, 2, 2);
    arrays.texts(row, 3, 6).present(row, 7, 8).numbers(row, 9, 9).present(row, 10, 10);
  }

  /// The second of a time in RFC 3339; 0 for what is none.
  private static long second(String text) {
    try {
      return text == null ? 0 : OffsetDateTime.parse(text).toEpochSecond();
    } catch (DateTimeException _) {
      return 0;
    }
  }

  /// The reading of one batch within a transaction; holds its statements open.
  private final class Reading implements AutoCloseable {
    private final Connection connection;
    private final RowArrays arrays = new RowArrays(limit);
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private Marks marks;

    Reading(Connection connection, Marks marks) {
      this.connection = connection;
      this.marks = marks;
    }

    Batch batch() throws SQLException {
      while (!arrays.full() && !marks.baseDone()) {
        base();
      }
      // The base holds what has changed since it was begun. A hub refuses a row twice in one call,
      // so changes go with the next one.
      boolean base = arrays.rows() > 0;
      boolean drained = !base && changes() && stats() && metrics() && audit();
      return new Batch(
          arrays.json(),
          arrays.rows(),
          marks,
          drained,
          drained ? 0 : waiting(),
          drained ? OptionalLong.empty() : waitingSince());
    }

    private PreparedStatement prepared(String sql) throws SQLException {
      PreparedStatement known = statements.get(sql);
      if (known == null) {
        known = connection.prepareStatement(sql);
        statements.put(sql, known);
      }
      return known;
    }

    private static String table(Marks.Part part) {
      return switch (part) {
        case FIVE_MINUTES -> "patronus_five_minutes";
        case HOURS -> "patronus_hours";
        case DAYS -> "patronus_days";
        case UNMATCHED, SERIES, DONE -> throw new IllegalArgumentException(part + " is no tier");
      };
    }

    private void base() throws SQLException {
      boolean more =
          switch (marks.base().part()) {
            case FIVE_MINUTES -> cells("five_minutes");
            case HOURS -> cells("hours");
            case DAYS -> cells("days");
            case UNMATCHED -> baseUnmatched();
            case SERIES -> baseSeries();
            case DONE -> throw new IllegalStateException("nothing is left");
          };
      if (!more) {
        marks = marks.with(Marks.Base.begin(marks.base().part().next()));
      }
    }

    private boolean cells(String member) throws SQLException {
      Marks.Base base = marks.base();
      PreparedStatement select = prepared(NEXT_CELLS.replace("TIER", table(base.part())));
      select.setLong(1, base.series());
      select.setLong(2, base.second());
      select.setInt(3, PAGE);
      int read = 0;
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          read++;
          arrays.begin(member).numbers(row, 1, CELL_COLUMNS).end();
          base = new Marks.Base(base.part(), row.getLong(1), row.getLong(2));
        }
      }
      marks = marks.with(base);
      return read == PAGE;
    }

    private boolean baseUnmatched() throws SQLException {
      PreparedStatement select = prepared(NEXT_UNMATCHED);
      select.setLong(1, marks.unmatched());
      select.setInt(2, PAGE);
      int read = 0;
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          read++;
          arrays.begin("unmatched").numbers(row, 1, 4).end();
          marks = marks.withUnmatched(row.getLong(1));
        }
      }
      return read == PAGE;
    }

    private boolean baseSeries() throws SQLException {
      PreparedStatement select = prepared(NEXT_SERIES);
      select.setLong(1, marks.base().series());
      select.setInt(2, PAGE);
      int read = 0;
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          read++;
          series(row);
          marks = marks.with(new Marks.Base(Marks.Part.SERIES, row.getLong(1), 0));
        }
      }
      return read == PAGE;
    }

    private void series(ResultSet row) throws SQLException {
      arrays.begin("series").numbers(row, 1, 1).nullable(row, 2, 2).present(row, 3, 3);
      arrays.nullable(row, 4, 4).numbers(row, 5, 5).nullable(row, 6, SERIES_COLUMNS).end();
    }

    /// Whether all changes fitted in.
    private boolean changes() throws SQLException {
      while (true) {
        int read = 0;
        PreparedStatement select = prepared(CHANGES);
        select.setLong(1, marks.seq());
        select.setInt(2, PAGE);
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            if (arrays.full()) {
              return false;
            }
            read++;
            change(row);
            marks = marks.withSeq(row.getLong(1));
          }
        }
        if (read < PAGE) {
          return true;
        }
      }
    }

    private void change(ResultSet row) throws SQLException {
      switch (row.getString(2)) {
        case "five_minutes" -> cell("five_minutes", "patronus_five_minutes", row);
        case "hours" -> cell("hours", "patronus_hours", row);
        case "days" -> cell("days", "patronus_days", row);
        case "series" -> one(ONE_SERIES, row.getLong(3), this::series);
        case "unmatched" ->
            one(
                ONE_UNMATCHED,
                row.getLong(3),
                found -> arrays.begin("unmatched").numbers(found, 1, 4).end());
        case "stat" -> {
          // One that was not sent yet is sent as it is now.
          if (row.getLong(3) <= marks.stat()) {
            one(
                ONE_STAT,
                row.getLong(3),
                found ->
                    arrays.begin("policy_stats_changed").numbers(found, 1, STAT_COLUMNS).end());
          }
        }
        case "site" -> object(PlatformObjects.Kind.SITE, row);
        case "policy" -> object(PlatformObjects.Kind.POLICY, row);
        case "path" -> object(PlatformObjects.Kind.PATH, row);
        default -> {
          // of a later version of this program
        }
      }
    }

    /// Appends one row, if it is there.
    private interface Append {
      void row(ResultSet row) throws SQLException;
    }

    private boolean one(String sql, Object key, Append append) throws SQLException {
      PreparedStatement select = prepared(sql);
      select.setObject(1, key);
      try (ResultSet found = select.executeQuery()) {
        if (!found.next()) {
          return false;
        }
        append.row(found);
        return true;
      }
    }

    /// A cell that is gone was removed by the retention, unless an older one is there.
    private void cell(String member, String table, ResultSet change) throws SQLException {
      long series = change.getLong(3);
      long start = change.getLong(4);
      PreparedStatement select = prepared(ONE_CELL.replace("TIER", table));
      select.setLong(1, series);
      select.setLong(2, start);
      try (ResultSet found = select.executeQuery()) {
        if (found.next()) {
          arrays.begin(member).numbers(found, 1, CELL_COLUMNS).end();
          return;
        }
      }
      PreparedStatement older = prepared(OLDER_CELL.replace("TIER", table));
      older.setLong(1, series);
      older.setLong(2, start);
      try (ResultSet found = older.executeQuery()) {
        if (found.next()) {
          arrays.begin(member).number(series).number(start).end();
        }
      }
    }

    private void object(PlatformObjects.Kind kind, ResultSet change) throws SQLException {
      Object key =
          kind == PlatformObjects.Kind.SITE
              ? (Object) change.getString(3)
              : (Object) change.getLong(3);
      long seq = change.getLong(1);
      long at = change.getLong(5);
      boolean there =
          one(
              kind.one(),
              key,
              found -> {
                arrays.begin(kind.member()).number(seq).number(at);
                PlatformObjects.append(arrays, kind, found);
                arrays.end();
              });
      if (!there) {
        arrays.begin(kind.member()).number(seq).number(at);
        if (key instanceof String text) {
          arrays.text(text);
        } else {
          arrays.number((Long) key);
        }
        arrays.end();
      }
    }

    private boolean stats() throws SQLException {
      return rows(
          NEXT_STATS,
          "policy_stats",
          Marks::stat,
          Marks::withStat,
          row -> arrays.numbers(row, 1, STAT_COLUMNS));
    }

    private boolean metrics() throws SQLException {
      return !database.schema().has("sdwan_path_metrics")
          || rows(
              NEXT_METRICS,
              "path_metrics",
              Marks::metric,
              Marks::withMetric,
              row -> metric(arrays, row));
    }

    private boolean audit() throws SQLException {
      return rows(
          NEXT_AUDIT,
          "audit_logs",
          Marks::audit,
          Marks::withAudit,
          row -> OutboxReader.audit(arrays, row));
    }

    /// The place in a table.
    private interface Place {
      long of(Marks marks);
    }

    /// Moves it.
    private interface Move {
      Marks to(Marks marks, long key);
    }

    /// Whether all rows of a table fitted in.
    private boolean rows(String sql, String member, Place place, Move move, Append append)
        throws SQLException {
      while (true) {
        int read = 0;
        PreparedStatement select = prepared(sql);
        select.setLong(1, place.of(marks));
        select.setInt(2, PAGE);
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            if (arrays.full()) {
              return false;
            }
            read++;
            arrays.begin(member);
            append.row(row);
            arrays.end();
            marks = move.to(marks, row.getLong(1));
          }
        }
        if (read < PAGE) {
          return true;
        }
      }
    }

    private long waiting() throws SQLException {
      return NUMBER
              .first(
                  connection,
                  "SELECT count(*) FROM patronus_fleet_changes WHERE seq > ?",
                  marks.seq())
              .orElse(0L)
          + Math.max(0, lastGiven(connection, "sdwan_policy_stats", "stat_id") - marks.stat())
          + Math.max(0, lastGiven(connection, "sdwan_path_metrics", "metric_id") - marks.metric());
    }

    private OptionalLong waitingSince() throws SQLException {
      return NUMBER
          .first(
              connection,
              "SELECT timestamp FROM sdwan_policy_stats WHERE stat_id > ? ORDER BY stat_id LIMIT 1",
              marks.stat())
          .map(OptionalLong::of)
          .orElseGet(OptionalLong::empty);
    }

    @Override
    public void close() throws SQLException {
      for (PreparedStatement statement : statements.values()) {
        statement.close();
      }
    }
  }
}
