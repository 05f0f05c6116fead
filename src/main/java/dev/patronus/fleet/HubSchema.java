package dev.patronus.fleet;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/// The schema `fleet` of a hub: the numbered steps that make it, its roles, its partitions.
///
/// The steps are `.sql` resources beside this class; the table `fleet.schema_versions` has a row
/// for each that was taken.
public final class HubSchema {
  /// The steps in their order; the number of a step is its place, from 1.
  static final List<String> STEPS =
      List.of(
          "001-tables.sql",
          "002-views.sql",
          "003-partitions.sql",
          "004-take.sql",
          "005-publish.sql",
          "006-sums.sql",
          "007-removed-gateways.sql",
          "008-kept.sql");

  /// The newest version.
  public static final int VERSION = STEPS.size();

  /// The tables that have a partition for each month.
  private static final List<String> BY_MONTH =
      List.of(
          "five_minutes", "hours", "hour_sums", "policy_stats", "unmatched_stats", "path_metrics");

  private static final int MONTHS_AHEAD = 6;

  private static final String VERSIONS =
      """
      CREATE TABLE fleet.schema_versions (
        version integer PRIMARY KEY,
        name text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        applied_by text NOT NULL DEFAULT session_user
      )
      """;

  private HubSchema() {}

  /// The version of a hub; empty where the database has no schema `fleet` with versions.
  public static Optional<Integer> version(Handle handle) {
    boolean exists =
        handle
            .createQuery("SELECT to_regclass('fleet.schema_versions') IS NOT NULL")
            .mapTo(Boolean.class)
            .one();
    return exists
        ? Optional.of(
            handle
                .createQuery("SELECT coalesce(max(version), 0) FROM fleet.schema_versions")
                .mapTo(Integer.class)
                .one())
        : Optional.empty();
  }

  /// What [#init] did.
  ///
  /// @param before the version before; empty if there was none
  /// @param partitions how many were made
  /// @param hardened whether rights were taken from PUBLIC that only a superuser can take
  public record Made(
      Optional<Integer> before,
      int version,
      int partitions,
      boolean hardened,
      String owner,
      String reader) {}

  /// Makes or updates the schema, its roles and its partitions; may be done twice.
  ///
  /// @throws UserError if the database is newer than this program, or the login lacks a right
  public static Made init(Hub hub, LocalDate today) {
    return hub.write(handle -> init(handle, today));
  }

  private static Made init(Handle handle, LocalDate today) throws SQLException {
    HubRoles roles = HubRoles.of(handle);
    boolean superuser = roles.isSuperuser(handle);
    roles.make(handle);
    Optional<Integer> before = version(handle);
    if (before.filter(version -> version > VERSION).isPresent()) {
      throw new UserError(
          ExitCode.REFUSED,
          "the hub has schema version %d, and this program knows %d; update patronus"
              .formatted(before.get(), VERSION));
    }
    handle.execute("CREATE SCHEMA IF NOT EXISTS fleet AUTHORIZATION " + roles.owner());
    handle.execute("SET LOCAL ROLE " + roles.owner());
    if (before.isEmpty()) {
      handle.execute(VERSIONS);
    }
    for (int i = before.orElse(0); i < VERSION; i++) {
      run(handle, text("migration/" + STEPS.get(i)));
      handle.execute(
          "INSERT INTO fleet.schema_versions (version, name) VALUES (?, ?)", i + 1, STEPS.get(i));
    }
    int partitions = 0;
    for (String table : BY_MONTH) {
      partitions += addPartitions(handle, table, today, monthsKept(table, today));
    }
    roles.grant(handle);
    handle.execute("RESET ROLE");
    roles.close(handle);
    if (superuser) {
      run(handle, text("harden.sql"));
      handle.execute("GRANT USAGE ON LANGUAGE plpgsql TO " + roles.owner());
      handle.execute("GRANT USAGE ON LANGUAGE sql TO " + roles.owner());
    }
    return new Made(before, VERSION, partitions, superuser, roles.owner(), roles.reader());
  }

  /// Makes the partitions of this and the coming months that are missing; as the owner. Those of
  /// the past may have been dropped.
  ///
  /// @return how many
  static int addPartitions(Handle handle, LocalDate today) {
    int made = 0;
    for (String table : BY_MONTH) {
      made += addPartitions(handle, table, today, 0);
    }
    return made;
  }

  /// How many months before this one are within the life that a table has by default. Older ones
  /// would be the first that [HubPruning] drops.
  private static int monthsKept(String table, LocalDate today) {
    Instant now = today.atStartOfDay(ZoneOffset.UTC).toInstant();
    long first = HubPruning.from(table, Retention.DEFAULT, now).orElseThrow();
    return (int)
        ChronoUnit.MONTHS.between(day(Instant.ofEpochSecond(first)), today.withDayOfMonth(1));
  }

  private static int addPartitions(Handle handle, String table, LocalDate today, int monthsBack) {
    return handle
        .createQuery("SELECT fleet.add_partitions(?, ?, ?)")
        .bind(0, table)
        .bind(1, today.minusMonths(monthsBack))
        .bind(2, monthsBack + 1 + MONTHS_AHEAD)
        .mapTo(Integer.class)
        .one();
  }

  /// The day of an instant by which partitions are made.
  public static LocalDate day(Instant now) {
    return LocalDate.ofInstant(now, ZoneOffset.UTC);
  }

  private static void run(Handle handle, String script) throws SQLException {
    try (Statement statement = handle.getConnection().createStatement()) {
      statement.execute(script);
    }
  }

  private static String text(String resource) {
    try (InputStream in = HubSchema.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A partition with a month of its own.
  record Partition(String table, String name, long from, long until) {}

  /// All of them, by name.
  static List<Partition> partitions(Handle handle) {
    RowMapper<Partition> partition =
        (row, _) ->
            new Partition(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4));
    return new ArrayList<>(
        handle
            .createQuery(
                """
                SELECT p.relname, c.relname,
                  (regexp_match(b, 'FROM \\(''(-?\\d+)''\\)'))[1]::bigint,
                  (regexp_match(b, 'TO \\(''(-?\\d+)''\\)'))[1]::bigint
                FROM pg_inherits i
                  JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
                  CROSS JOIN LATERAL pg_get_expr(c.relpartbound, c.oid) b
                WHERE p.relnamespace = 'fleet'::regnamespace AND p.relkind = 'p' AND b <> 'DEFAULT'
                ORDER BY c.relname
                """)
            .map(partition)
            .list());
  }
}
