package dev.patronus.fleet;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/// Removes gateways that were revoked from a hub: all that they have sent, and their roles.
///
/// Of each gateway all or nothing goes. The hub keeps its name and its last epoch, so that a new
/// gateway of the same name counts on from there, and readers that know how far they have read take
/// none of its rows for an earlier one.
public final class HubRemoval {
  /// What counts as records: what [HubGateways.Gateway#recordsKept] counts.
  private static final List<String> RECORDS =
      List.of(
          "five_minutes",
          "hours",
          "days",
          "policy_stats",
          "unmatched_stats",
          "path_metrics",
          "audit_logs");

  private static final List<String> OTHERS =
      List.of(
          "hour_sums",
          "day_sums",
          "series",
          "sites",
          "policies",
          "paths",
          "events",
          "epochs",
          "gateways");

  private static final String FIND =
      RECORDS.stream()
          .map(table ->
              "(SELECT count(*) FROM fleet.%s t WHERE t.gateway_id = g.gateway_id)"
                  .formatted(table))
          .collect(
              Collectors.joining(
                  " + ",
                  "SELECT g.gateway_id, g.name, g.role_name, g.revoked_at, g.last_batch,"
                      + " (SELECT count(*) FROM fleet.policies p WHERE p.gateway_id = g.gateway_id), ",
                  " FROM fleet.gateways g WHERE g.name = ?"));

  private static final String REMEMBER =
      """
      INSERT INTO fleet.removed_gateways (name, epoch)
      SELECT name, epoch FROM fleet.gateways WHERE gateway_id = ? AND epoch > 0
      ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, removed_at = clock_timestamp()
      """;

  private HubRemoval() {}

  /// What a hub has of a gateway that was revoked.
  ///
  /// @param role that it logged in as
  /// @param policies how many it has, deleted ones included
  /// @param records rows and roll-ups
  public record Held(
      int gatewayId,
      String gateway,
      String role,
      Instant revoked,
      Optional<Instant> lastBatch,
      long policies,
      long records) {}

  /// What [#remove] would remove.
  ///
  /// @throws UserError if there is no gateway of a name, or one is not revoked
  public static List<Held> preview(Hub hub, List<String> names) {
    return hub.read(handle -> {
      List<Held> held = new ArrayList<>();
      for (String name : names.stream().distinct().toList()) {
        held.add(find(handle, name));
      }
      return List.copyOf(held);
    });
  }

  private static Held find(Handle handle, String name) {
    RowMapper<Held> mapper =
        (row, _) -> {
          Timestamp revoked = row.getTimestamp(4);
          if (revoked == null) {
            throw notRevoked(name);
          }
          return new Held(
              row.getInt(1),
              row.getString(2),
              row.getString(3),
              revoked.toInstant(),
              Optional.ofNullable(row.getTimestamp(5)).map(Timestamp::toInstant),
              row.getLong(6),
              row.getLong(7));
        };
    return handle
        .createQuery(FIND)
        .bind(0, name)
        .map(mapper)
        .findOne()
        .orElseThrow(() -> HubGateways.notFound(name));
  }

  private static UserError notRevoked(String name) {
    return new UserError(
        ExitCode.REFUSED,
        "gateway '%s' may still send; take its login first with: patronus fleet revoke %s"
            .formatted(name, name));
  }

  /// Removes gateways.
  ///
  /// @throws UserError if one of them was enrolled again by now; those before it are gone
  public static void remove(Hub hub, List<Held> gateways) {
    for (Held gateway : gateways) {
      boolean _ = hub.write(handle -> remove(handle, gateway));
    }
  }

  private static boolean remove(Handle handle, Held gateway) {
    HubRoles roles = HubRoles.of(handle);
    String role = HubRoles.quoted(gateway.role());
    handle.execute("SET LOCAL ROLE " + roles.owner());
    boolean revoked =
        handle
            .createQuery(
                "SELECT revoked_at IS NOT NULL FROM fleet.gateways WHERE gateway_id = ? FOR UPDATE")
            .bind(0, gateway.gatewayId())
            .mapTo(Boolean.class)
            .findOne()
            .orElse(true);
    if (!revoked) {
      throw notRevoked(gateway.gateway());
    }
    handle.execute(REMEMBER, gateway.gatewayId());
    List<String> tables = new ArrayList<>(RECORDS);
    tables.addAll(OTHERS);
    for (String table : tables) {
      handle.execute("DELETE FROM fleet." + table + " WHERE gateway_id = ?", gateway.gatewayId());
    }
    handle.execute("REVOKE ALL ON FUNCTION fleet.publish(jsonb) FROM " + role);
    handle.execute("REVOKE ALL ON SCHEMA fleet FROM " + role);
    handle.execute("RESET ROLE");
    handle.execute("REVOKE ALL ON DATABASE " + roles.database() + " FROM " + role);
    handle.execute("DROP ROLE " + role);
    return true;
  }
}
