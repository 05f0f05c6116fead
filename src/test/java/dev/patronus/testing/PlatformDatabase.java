package dev.patronus.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// A database as the platform makes it, for tests: a real SQLite file of one of the three ages, and
/// plain SQL to fill and read it.
///
/// Who opens it closes it.
public final class PlatformDatabase implements AutoCloseable {

  /// The ages of the platform.
  public enum Age {
    BEFORE_SPRINT_30("before-sprint-30.sql"),
    SPRINT_30("sprint-30.sql"),
    NEWEST("newest.sql");

    private final String script;

    Age(String script) {
      this.script = script;
    }
  }

  private final Path file;
  private final Connection connection;

  private PlatformDatabase(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /// Makes `sdwan.db` in a folder, with the tables of this age and no rows.
  public static PlatformDatabase create(Path folder, Age age) throws SQLException, IOException {
    PlatformDatabase made = open(folder.resolve("sdwan.db"));
    try (InputStream in = PlatformDatabase.class.getResourceAsStream(age.script)) {
      for (String sql : new String(in.readAllBytes(), StandardCharsets.UTF_8).split(";\n", -1)) {
        if (!sql.isBlank()) {
          made.run(sql);
        }
      }
    }
    return made;
  }

  /// Opens a file as the platform does: foreign keys on.
  public static PlatformDatabase open(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    PlatformDatabase opened = new PlatformDatabase(file, connection);
    opened.run("PRAGMA foreign_keys = ON");
    opened.run("PRAGMA busy_timeout = 5000");
    return opened;
  }

  public Path file() {
    return file;
  }

  public Connection connection() {
    return connection;
  }

  /// Runs one statement; arguments stand for its question marks.
  public PlatformDatabase run(String sql, Object... arguments) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      statement.execute();
    }
    return this;
  }

  /// Many statements in one transaction.
  public void inOneTransaction(SqlWork work) throws SQLException {
    run("BEGIN");
    work.run();
    run("COMMIT");
  }

  /// Work that may fail with an SQL error.
  @FunctionalInterface
  public interface SqlWork {
    void run() throws SQLException;
  }

  /// The rows of a query, each as its values apart by `|`, as the `sqlite3` program prints them.
  public List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          line.append(i > 1 ? "|" : "").append(row.getString(i));
        }
        rows.add(line.toString());
      }
    }
    return rows;
  }

  /// The one number that a query gives.
  ///
  /// @throws NumberFormatException for NULL, which is `MAX` or `SUM` of no rows
  public long number(String sql) throws SQLException {
    return Long.parseLong(rows(sql).getFirst());
  }

  public PlatformDatabase site(String id, String name) throws SQLException {
    return run(
        "INSERT INTO sdwan_sites VALUES (?, ?, x'00ff10', 1760000000, 1763900000, 'active')",
        id,
        name);
  }

  public PlatformDatabase endpoint(String siteId, String address) throws SQLException {
    return run(
        "INSERT INTO sdwan_endpoints (site_id, address, interface_type, cost_per_gb, reachable)"
            + " VALUES (?, ?, 'fiber', 0.05, 1)",
        siteId,
        address);
  }

  public PlatformDatabase path(long id, String from, String to) throws SQLException {
    return run(
        "INSERT INTO sdwan_paths VALUES (?, ?, ?, ?, ?, 'wg0', 'up')",
        id,
        from,
        to,
        "192.0.2.1:51820",
        "198.51.100." + id % 250 + ":51820");
  }

  public PlatformDatabase metric(long pathId, long timestamp, double latency) throws SQLException {
    return run(
        "INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms,"
            + " packet_loss_pct, bandwidth_mbps, mtu, score) VALUES (?, ?, ?, 1.5, 0.1, 500, 1420, 90)",
        pathId,
        timestamp,
        latency);
  }

  public PlatformDatabase policy(long id, String name, long priority, String rules)
      throws SQLException {
    return run(
        "INSERT INTO sdwan_policies VALUES (?, ?, ?, ?, '\"LowestLatency\"', 1)",
        id,
        name,
        priority,
        rules);
  }

  public PlatformDatabase stat(long policyId, long timestamp, long packets, long bytes, long flows)
      throws SQLException {
    return run(
        "INSERT INTO sdwan_policy_stats (policy_id, timestamp, packets_matched, bytes_matched,"
            + " active_flows) VALUES (?, ?, ?, ?, ?)",
        policyId,
        timestamp,
        packets,
        bytes,
        flows);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
