package dev.patronus.fleet;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.postgresql.PGConnection;

/// The gateways of a hub: `fleet.gateways`, and the roles that they log in as.
public final class HubGateways {
  private static final String LIST =
      """
      SELECT g.name, g.role_name, g.enrolled_at, g.revoked_at, g.epoch, e.database_id, e.begun_at,
        e.complete_at IS NOT NULL, e.batches, g.last_contact, g.last_batch, g.sent_version,
        g.sent_skew_seconds, g.sent_waiting, g.sent_waiting_since, g.records_kept, g.quota_kept,
        least(g.quota_burst, g.records_left + g.quota_day
          * greatest(0, extract(epoch FROM clock_timestamp() - g.records_at)) / 86400)::bigint,
        g.quota_day, clock_timestamp()
      FROM fleet.gateways g LEFT JOIN fleet.epochs e USING (gateway_id, epoch)
      ORDER BY g.name
      """;

  private static final String INSERT =
      """
      INSERT INTO fleet.gateways (name, role_name, epoch)
      SELECT n.name, n.role_name, coalesce(r.epoch, 0)
      FROM (VALUES (?, ?)) AS n (name, role_name) LEFT JOIN fleet.removed_gateways r USING (name)
      """;

  /// The last epoch of a gateway of this name that was removed, of no database, which the gateway
  /// begins the next one after.
  private static final String COUNT_ON =
      """
      INSERT INTO fleet.epochs (gateway_id, epoch, database_id, token, five_minutes_from, hours_from)
      SELECT gateway_id, epoch, '', '', 0, 0 FROM fleet.gateways WHERE name = ? AND epoch > 0
      """;

  private static final int SECRET_BYTES = 24;
  private static final int NAME_BYTES = 8;
  private static final int NAME_MAX = 128;

  private HubGateways() {}

  /// A gateway as the hub knows it.
  ///
  /// @param epoch 0 before it has sent anything
  /// @param complete whether all that the epoch began with has arrived
  /// @param skewSeconds its clock minus the hub's at its last batch
  /// @param waiting records that waited on the gateway at its last batch
  /// @param waitingSince the time of the oldest of them
  /// @param now by the clock of the hub
  public record Gateway(
      String name,
      String role,
      Instant enrolled,
      Optional<Instant> revoked,
      int epoch,
      Optional<String> databaseId,
      Optional<Instant> epochBegun,
      boolean complete,
      long batches,
      Optional<Instant> lastContact,
      Optional<Instant> lastBatch,
      Optional<String> version,
      OptionalDouble skewSeconds,
      OptionalLong waiting,
      Optional<Instant> waitingSince,
      long recordsKept,
      long quotaKept,
      long recordsLeft,
      long quotaDay,
      Instant now) {}

  /// All gateways, by name.
  public static List<Gateway> list(Hub hub) {
    return hub.read(HubGateways::list);
  }

  /// The same in a transaction that is under way.
  public static List<Gateway> list(Handle handle) {
    RowMapper<Gateway> gateway =
        (row, _) -> {
          double skew = row.getDouble(13);
          OptionalDouble skewSeconds =
              row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(skew);
          long waiting = row.getLong(14);
          OptionalLong waitingRows =
              row.wasNull() ? OptionalLong.empty() : OptionalLong.of(waiting);
          long since = row.getLong(15);
          Optional<Instant> waitingSince =
              row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(since));
          return new Gateway(
              row.getString(1),
              row.getString(2),
              row.getTimestamp(3).toInstant(),
              instant(row, 4),
              row.getInt(5),
              Optional.ofNullable(row.getString(6)),
              instant(row, 7),
              row.getBoolean(8),
              row.getLong(9),
              instant(row, 10),
              instant(row, 11),
              Optional.ofNullable(row.getString(12)),
              skewSeconds,
              waitingRows,
              waitingSince,
              row.getLong(16),
              row.getLong(17),
              row.getLong(18),
              row.getLong(19),
              row.getTimestamp(20).toInstant());
        };
    return handle.createQuery(LIST).map(gateway).list();
  }

  /// The names that begin with a text, in whatever case; the first ones of many.
  public static List<String> beginning(Hub hub, String text) {
    return hub.read(handle ->
        handle
            .createQuery(
                """
                SELECT name FROM fleet.gateways WHERE starts_with(lower(name), lower(?))
                ORDER BY name LIMIT 500
                """)
            .bind(0, text)
            .mapTo(String.class)
            .list());
  }

  private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
  }

  /// A gateway that may send.
  ///
  /// @param password empty where it logs in by a certificate, whose common name is the role
  /// @param again whether it was enrolled before
  public record Enrolled(String role, Optional<String> password, boolean again) {}

  /// Enrols a gateway, or gives one that was enrolled before a new password; its history stays.
  ///
  /// @param certificate whether it logs in by a certificate, and needs no password
  /// @param quotaDay how many records it may send a day; empty for the default, or as it is
  public static Enrolled enrol(Hub hub, String name, boolean certificate, OptionalLong quotaDay) {
    requireName(name);
    return hub.write(handle -> enrol(handle, name, certificate, quotaDay));
  }

  private static void requireName(String name) {
    if (name.isBlank()
        || name.length() > NAME_MAX
        || name.chars().anyMatch(Character::isISOControl)
        || name.indexOf('*') >= 0
        || name.indexOf('?') >= 0) {
      throw new UserError(
          ExitCode.USAGE,
          "the name of a gateway must have 1 to "
              + NAME_MAX
              + " characters, and no control character, * or ?");
    }
  }

  private static Enrolled enrol(
      Handle handle, String name, boolean certificate, OptionalLong quotaDay) throws SQLException {
    HubRoles roles = HubRoles.of(handle);
    SecureRandom random = new SecureRandom();
    Optional<String> known = role(handle, name);
    String role =
        known.orElseGet(() -> {
          byte[] bytes = new byte[NAME_BYTES];
          random.nextBytes(bytes);
          return roles.gatewayPrefix() + HexFormat.of().formatHex(bytes);
        });
    String quoted = HubRoles.quoted(role);
    if (known.isEmpty()) {
      handle.execute("CREATE ROLE " + quoted + " NOINHERIT");
      handle.execute("SET LOCAL ROLE " + roles.owner());
      handle.execute(INSERT, name, role);
      handle.execute(COUNT_ON, name);
    } else {
      handle.execute("SET LOCAL ROLE " + roles.owner());
      handle.execute("UPDATE fleet.gateways SET revoked_at = NULL WHERE name = ?", name);
    }
    if (quotaDay.isPresent()) {
      handle.execute(
          "UPDATE fleet.gateways SET quota_day = ?, quota_burst = greatest(20000, 5 * ?::bigint)"
              + " WHERE name = ?",
          quotaDay.getAsLong(),
          quotaDay.getAsLong(),
          name);
    }
    handle.execute("GRANT USAGE ON SCHEMA fleet TO " + quoted);
    handle.execute("GRANT EXECUTE ON FUNCTION fleet.publish(jsonb) TO " + quoted);
    handle.execute("RESET ROLE");
    handle.execute("GRANT CONNECT ON DATABASE " + roles.database() + " TO " + quoted);
    handle.execute("ALTER ROLE " + quoted + " LOGIN CONNECTION LIMIT 3");
    handle.execute("ALTER ROLE " + quoted + " SET idle_in_transaction_session_timeout = '60s'");
    handle.execute("ALTER ROLE " + quoted + " SET statement_timeout = '120s'");
    if (certificate) {
      handle.execute("ALTER ROLE " + quoted + " PASSWORD NULL");
      return new Enrolled(role, Optional.empty(), known.isPresent());
    }
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    String password = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    // Hashed here, so that no log of the server has it.
    handle
        .getConnection()
        .unwrap(PGConnection.class)
        .alterUserPassword(role, password.toCharArray(), "scram-sha-256");
    return new Enrolled(role, Optional.of(password), known.isPresent());
  }

  private static Optional<String> role(Handle handle, String name) {
    return handle
        .createQuery("SELECT role_name FROM fleet.gateways WHERE name = ?")
        .bind(0, name)
        .mapTo(String.class)
        .findOne();
  }

  private static String requireRole(Handle handle, String name) {
    return role(handle, name).orElseThrow(() -> notFound(name));
  }

  static UserError notFound(String name) {
    return new UserError(
        ExitCode.NOT_FOUND,
        "gateway '" + name + "' not found; 'patronus fleet status' shows those that exist");
  }

  /// How many connections a gateway has.
  ///
  /// @throws UserError if there is no such gateway
  public static int connections(Hub hub, String name) {
    return hub.read(handle ->
        handle
            .createQuery("SELECT count(*) FROM pg_stat_activity WHERE usename = ?")
            .bind(0, requireRole(handle, name))
            .mapTo(Integer.class)
            .one());
  }

  /// Lets a gateway send no more, at once; what it has sent stays.
  ///
  /// @return how many of its connections were ended
  /// @throws UserError if there is no such gateway
  public static int revoke(Hub hub, String name) {
    return hub.write(handle -> revoke(handle, name));
  }

  private static int revoke(Handle handle, String name) {
    String role = requireRole(handle, name);
    handle.execute("ALTER ROLE " + HubRoles.quoted(role) + " NOLOGIN PASSWORD NULL");
    handle.execute("SET LOCAL ROLE " + HubRoles.of(handle).owner());
    handle.execute("REVOKE EXECUTE ON FUNCTION fleet.publish(jsonb) FROM " + HubRoles.quoted(role));
    handle.execute(
        "UPDATE fleet.gateways SET revoked_at = clock_timestamp()"
            + " WHERE name = ? AND revoked_at IS NULL",
        name);
    handle.execute("RESET ROLE");
    return handle
        .createQuery(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = ?")
        .bind(0, role)
        .mapTo(Integer.class)
        .one();
  }
}
