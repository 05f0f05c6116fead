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
import org.jdbi.v3.core.mapper.RowMapper;

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

  /// Epochs before the newest of their gateway that count no more; with `?` true also those of a
  /// database in whose place the gateway has another one by now, which count. `*_keeps`: the last
  /// row that later epochs share with it.
  private static final String ENDED =
      """
      WITH ended AS (
        SELECT e.gateway_id, g.name, e.epoch, e.begun_at, e.visible,
          CASE WHEN e.complete_at IS NULL THEN 'incomplete' WHEN e.visible THEN 'replaced'
            ELSE 'superseded' END AS kind,
          CASE WHEN e.complete_at IS NOT NULL AND NOT e.visible THEN e.stats_until
            ELSE -9223372036854775808 END AS stats_keeps,
          CASE WHEN e.complete_at IS NOT NULL AND NOT e.visible THEN e.metrics_until
            ELSE -9223372036854775808 END AS metrics_keeps,
          CASE WHEN e.complete_at IS NOT NULL AND NOT e.visible THEN e.audit_until
            ELSE -9223372036854775808 END AS audit_keeps
        FROM fleet.epochs e JOIN fleet.gateways g USING (gateway_id)
        WHERE e.epoch < g.epoch AND (NOT e.visible OR (? AND EXISTS (
          SELECT FROM fleet.epochs n WHERE n.gateway_id = e.gateway_id AND n.epoch > e.epoch
            AND n.visible AND n.database_id <> e.database_id))))
      SELECT * FROM (
        SELECT e.*,
          (SELECT count(*) FROM fleet.series t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
          + (SELECT count(*) FROM fleet.five_minutes t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
          + (SELECT count(*) FROM fleet.hours t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
          + (SELECT count(*) FROM fleet.days t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
          + (SELECT count(*) FROM fleet.policy_stats t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch AND t.row_id > e.stats_keeps)
          + (SELECT count(*) FROM fleet.path_metrics t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch AND t.row_id > e.metrics_keeps)
          + (SELECT count(*) FROM fleet.audit_logs t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch AND t.row_id > e.audit_keeps)
          + (SELECT count(*) FROM fleet.unmatched_stats t
            WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch AND e.kind <> 'superseded')
          AS records
        FROM ended e) AS counted
      WHERE records > 0
      ORDER BY name, epoch
      """;

  /// Epochs of which nothing is left.
  private static final String DELETE_EMPTY =
      """
      DELETE FROM fleet.epochs e USING fleet.gateways g
      WHERE g.gateway_id = e.gateway_id AND e.epoch < g.epoch
        AND NOT EXISTS (SELECT FROM fleet.series t
          WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
        AND NOT EXISTS (SELECT FROM fleet.policy_stats t
          WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
        AND NOT EXISTS (SELECT FROM fleet.unmatched_stats t
          WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
        AND NOT EXISTS (SELECT FROM fleet.path_metrics t
          WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
        AND NOT EXISTS (SELECT FROM fleet.audit_logs t
          WHERE t.gateway_id = e.gateway_id AND t.epoch = e.epoch)
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
        + (SELECT count(*) FROM fleet.series t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) + coalesce(sum(octet_length(concat(t.user_id, t.user_email,
            t.ip_address, t.user_agent, t.event_type, t.event_data)) / 256), 0)
          FROM fleet.audit_logs t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) + coalesce(sum(octet_length(t.key || t.name) / 256), 0)
          FROM fleet.events t WHERE t.gateway_id = g.gateway_id)
        + (SELECT count(*) + coalesce(sum(octet_length(concat(t.database_id, t.token, t.marks))
            / 256), 0)
          FROM fleet.epochs t WHERE t.gateway_id = g.gateway_id)
        + (SELECT coalesce(sum(octet_length(t.site_name || t.status) / 256), 0)
          FROM fleet.sites t WHERE t.gateway_id = g.gateway_id)
        + (SELECT coalesce(sum(octet_length(concat(t.name, t.match_rules, t.path_preference))
            / 256), 0)
          FROM fleet.policies t WHERE t.gateway_id = g.gateway_id)
        + (SELECT coalesce(sum(octet_length(concat(t.src_endpoint, t.dst_endpoint,
            t.wg_interface, t.status)) / 256), 0)
          FROM fleet.paths t WHERE t.gateway_id = g.gateway_id)
      """;

  private HubPruning() {}

  /// A part of a table that goes.
  ///
  /// @param rows as the server estimates them
  public record Part(String table, String partition, long rows, long bytes) {}

  /// An epoch that ended, and loses what nobody reads any more.
  ///
  /// @param kind `superseded` by a later epoch of the same database, `incomplete`, or `replaced` by
  ///   another database
  /// @param records rows and cells that go
  /// @param statsKeep rows up to this number stay, because later epochs share them
  public record Ended(
      int gatewayId,
      String gateway,
      int epoch,
      Instant begun,
      String kind,
      long records,
      long statsKeep,
      long metricsKeep,
      long auditKeep) {}

  /// What goes, and what was made.
  ///
  /// @param partitions how many were made
  public record Pruned(List<Part> parts, List<Ended> epochs, int partitions) {}

  /// What [#prune] would remove.
  public static Pruned preview(Hub hub, Retention retention, boolean replaced, Instant now) {
    return hub.read(handle -> new Pruned(past(handle, retention, now), ended(handle, replaced), 0));
  }

  private static List<Ended> ended(Handle handle, boolean replaced) {
    RowMapper<Ended> ended =
        (row, _) ->
            new Ended(
                row.getInt("gateway_id"),
                row.getString("name"),
                row.getInt("epoch"),
                row.getTimestamp("begun_at").toInstant(),
                row.getString("kind"),
                row.getLong("records"),
                row.getLong("stats_keeps"),
                row.getLong("metrics_keeps"),
                row.getLong("audit_keeps"));
    return handle.createQuery(ENDED).bind(0, replaced).map(ended).list();
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
  /// @param replaced whether the history of databases that were replaced goes, too
  /// @throws UserError if the hub stays busy; then some of it may be gone, and the next call goes
  ///   on
  public static Pruned prune(Hub hub, Retention retention, boolean replaced, Instant now) {
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
    List<Ended> epochs = hub.read(handle -> ended(handle, replaced));
    for (Ended epoch : epochs) {
      boolean _ = hub.write(handle -> clear(handle, owner, epoch));
    }
    boolean _ =
        hub.write(handle -> {
          handle.execute("SET LOCAL ROLE " + owner);
          handle.execute(DELETE_EMPTY);
          handle.execute(RECOUNT);
          handle.execute("UPDATE fleet.retention SET pruned_at = clock_timestamp()");
          return true;
        });
    return new Pruned(parts, epochs, partitions);
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

  /// Removes what an epoch has that nobody reads; rows that later epochs share stay.
  private static boolean clear(Handle handle, String owner, Ended epoch) {
    handle.execute("SET LOCAL ROLE " + owner);
    List<String> tables = new ArrayList<>(TIERS);
    tables.add("series");
    for (String table : tables) {
      handle.execute(
          "DELETE FROM fleet." + table + " WHERE gateway_id = ? AND epoch = ?",
          epoch.gatewayId(),
          epoch.epoch());
    }
    for (Map.Entry<String, Long> table :
        Map.of(
                "policy_stats", epoch.statsKeep(),
                "path_metrics", epoch.metricsKeep(),
                "audit_logs", epoch.auditKeep())
            .entrySet()) {
      handle.execute(
          "DELETE FROM fleet."
              + table.getKey()
              + " WHERE gateway_id = ? AND epoch = ? AND row_id > ?",
          epoch.gatewayId(),
          epoch.epoch(),
          table.getValue());
    }
    if (!epoch.kind().equals("superseded")) {
      handle.execute(
          "DELETE FROM fleet.unmatched_stats WHERE gateway_id = ? AND epoch = ?",
          epoch.gatewayId(),
          epoch.epoch());
    }
    return true;
  }
}
