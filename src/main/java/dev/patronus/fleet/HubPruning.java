package dev.patronus.fleet;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import dev.patronus.history.tier.Tier;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Makes the partitions of the coming months, and removes from a hub what is past its life: whole
/// months of rows and roll-ups, and what epochs had that count no more.
public final class HubPruning {
  private static final int ATTEMPTS = 5;

  /// While a partition is dropped, all gateways wait; so long at most.
  private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'";

  private static final Duration TRANSACTION_MOST = Duration.ofMinutes(10);

  /// The tables of raw rows.
  private static final List<String> ROWS =
      List.of("policy_stats", "unmatched_stats", "path_metrics");

  /// The tables of roll-ups, and of their sums.
  private static final List<String> TIERS =
      List.of("five_minutes", "hours", "hour_sums", "days", "day_sums");

  /// Those of them without partitions.
  private static final List<String> WHOLE = List.of("days", "day_sums");

  private static final String END_TRANSACTIONS =
      """
      SELECT count(pg_terminate_backend(a.pid))
      FROM pg_stat_activity a JOIN fleet.gateways g ON g.role_name = a.usename
      WHERE a.xact_start < clock_timestamp() - make_interval(secs => ?)
      """;

  private static final String SUPERSEDED =
      """
      SELECT e.gateway_id, e.epoch FROM fleet.epochs e JOIN fleet.gateways g USING (gateway_id)
      WHERE NOT e.visible AND e.epoch < g.epoch
      ORDER BY 1, 2
      """;

  private static final String RECOUNT =
      """
      UPDATE fleet.gateways g SET records_kept =
        (SELECT count(*) FROM fleet.five_minutes t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) FROM fleet.hours t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) FROM fleet.days t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) FROM fleet.policy_stats t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) FROM fleet.unmatched_stats t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) FROM fleet.path_metrics t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) FROM fleet.audit_logs t WHERE t.gateway_id = g.gateway_id)
      """;

  private HubPruning() {}

  /// A part of a table that goes.
  ///
  /// @param rows as the server estimates them
  public record Part(String table, String partition, long rows, long bytes) {}

  /// What goes, and what was made.
  ///
  /// @param epochs how many epochs that count no more lose their roll-ups
  /// @param partitions how many were made
  public record Pruned(List<Part> parts, int epochs, int partitions) {}

  /// What [#prune] would remove.
  public static Pruned preview(Hub hub, Retention retention, Instant now) {
    return hub.read(
        handle -> new Pruned(past(handle, retention, now), superseded(handle).size(), 0));
  }

  private static List<Part> past(Handle handle, Retention retention, Instant now) {
    List<Part> parts = new ArrayList<>();
    for (HubSchema.Partition partition : HubSchema.partitions(handle)) {
      Optional<Long> from = from(partition.table(), retention, now);
      if (from.isPresent() && partition.until() <= from.get()) {
        parts.add(part(handle, partition));
      }
    }
    return parts;
  }

  private static Part part(Handle handle, HubSchema.Partition partition) {
    return handle
        .createQuery(
            """
            SELECT greatest(reltuples, 0)::bigint, pg_total_relation_size(oid)
            FROM pg_class WHERE relnamespace = 'fleet'::regnamespace AND relname = ?
            """)
        .bind(0, partition.name())
        .map((row, _) ->
            new Part(partition.table(), partition.name(), row.getLong(1), row.getLong(2)))
        .one();
  }

  /// The first second that a table keeps: that of the month in which its life begins; empty for
  /// ever.
  static Optional<Long> from(String table, Retention retention, Instant now) {
    Optional<Duration> life =
        switch (table) {
          case "five_minutes" -> retention.life(Tier.FIVE_MINUTES);
          case "hours", "hour_sums" -> retention.life(Tier.HOUR);
          case "days", "day_sums" -> retention.life(Tier.DAY);
          default -> retention.rows();
        };
    return life.map(kept ->
        LocalDate.ofInstant(now.minus(kept), ZoneOffset.UTC)
            .withDayOfMonth(1)
            .atStartOfDay(ZoneOffset.UTC)
            .toEpochSecond());
  }

  /// Removes it.
  ///
  /// @throws UserError if the hub stays busy; then some of it may be gone, and the next call goes
  ///   on
  public static Pruned prune(Hub hub, Retention retention, Instant now) {
    String owner = hub.read(handle -> HubRoles.of(handle).owner());
    int partitions =
        hub.write(handle -> {
          handle.execute("SET LOCAL ROLE " + owner);
          return HubSchema.addPartitions(handle, HubSchema.day(now));
        });
    boolean _ =
        hub.write(handle -> {
          handle
              .createQuery(END_TRANSACTIONS)
              .bind(0, TRANSACTION_MOST.toSeconds())
              .mapTo(Integer.class)
              .one();
          return true;
        });
    List<Part> parts = hub.read(handle -> past(handle, retention, now));
    for (Part part : parts) {
      drop(hub, owner, part, retention, now);
    }
    boolean _ = hub.write(handle -> deleteOthers(handle, owner, retention, now));
    List<Map<String, Object>> superseded = hub.read(HubPruning::superseded);
    for (Map<String, Object> epoch : superseded) {
      boolean _ = hub.write(handle -> deleteEpoch(handle, owner, epoch));
    }
    boolean _ =
        hub.write(handle -> {
          handle.execute("SET LOCAL ROLE " + owner);
          handle.execute(RECOUNT);
          handle.execute("UPDATE fleet.retention SET pruned_at = clock_timestamp()");
          return true;
        });
    return new Pruned(parts, superseded.size(), partitions);
  }

  private static List<Map<String, Object>> superseded(Handle handle) {
    return handle.createQuery(SUPERSEDED).mapToMap().list();
  }

  private static void drop(Hub hub, String owner, Part part, Retention retention, Instant now) {
    for (int attempt = 1; ; attempt++) {
      try {
        boolean _ =
            hub.write(handle -> {
              handle.execute("SET LOCAL ROLE " + owner);
              handle.execute(LOCK_TIMEOUT);
              move(handle, part.table(), retention, now);
              handle.execute("DROP TABLE fleet." + HubRoles.quoted(part.partition()));
              return true;
            });
        return;
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.BUSY || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /// Moves the border before which readers look for nothing.
  private static void move(Handle handle, String table, Retention retention, Instant now) {
    Optional<Long> from = from(table, retention, now);
    if (from.isPresent()) {
      String column =
          switch (table) {
            case "five_minutes" -> "five_minutes_from";
            case "hours", "hour_sums" -> "hours_from";
            case "days", "day_sums" -> "days_from";
            default -> "rows_from";
          };
      handle.execute(
          "UPDATE fleet.retention SET " + column + " = greatest(" + column + ", ?)", from.get());
    }
  }

  /// Removes what is past its life from the partitions for all other times, and from days.
  private static boolean deleteOthers(
      Handle handle, String owner, Retention retention, Instant now) {
    handle.execute("SET LOCAL ROLE " + owner);
    List<String> tables = new ArrayList<>(ROWS);
    tables.addAll(TIERS);
    for (String table : tables) {
      Optional<Long> from = from(table, retention, now);
      if (from.isPresent()) {
        boolean tier = !ROWS.contains(table);
        move(handle, table, retention, now);
        handle.execute(
            "DELETE FROM fleet."
                + (WHOLE.contains(table) ? table : table + "_other")
                + " WHERE "
                + (tier ? "start" : "\"timestamp\"")
                + " < ?",
            from.get());
      }
    }
    return true;
  }

  private static boolean deleteEpoch(Handle handle, String owner, Map<String, Object> epoch) {
    Object gateway = epoch.get("gateway_id");
    Object number = epoch.get("epoch");
    handle.execute("SET LOCAL ROLE " + owner);
    List<String> tables = new ArrayList<>(TIERS);
    tables.add("series");
    for (String table : tables) {
      handle.execute(
          "DELETE FROM fleet." + table + " WHERE gateway_id = ? AND epoch = ?", gateway, number);
    }
    for (Map.Entry<String, String> table :
        Map.of(
                "policy_stats", "stats_until",
                "path_metrics", "metrics_until",
                "audit_logs", "audit_until")
            .entrySet()) {
      handle.execute(
          "DELETE FROM fleet."
              + table.getKey()
              + " t USING fleet.epochs e WHERE t.gateway_id = ? AND t.epoch = ?"
              + " AND e.gateway_id = t.gateway_id AND e.epoch = t.epoch"
              + " AND (e.complete_at IS NULL OR t.row_id > e."
              + table.getValue()
              + ")",
          gateway,
          number);
    }
    handle.execute(
        "DELETE FROM fleet.unmatched_stats t USING fleet.epochs e"
            + " WHERE t.gateway_id = ? AND t.epoch = ? AND e.gateway_id = t.gateway_id"
            + " AND e.epoch = t.epoch AND e.complete_at IS NULL",
        gateway,
        number);
    return true;
  }
}
