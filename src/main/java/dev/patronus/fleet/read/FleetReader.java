package dev.patronus.fleet.read;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubErrors;
import dev.patronus.fleet.HubSchema;
import dev.patronus.fleet.address.HubLogin;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/// A hub that is being read, and the gateways that are wanted: all of one answer is read in one
/// transaction, which sees the hub as it is at one instant.
///
/// Confined to one thread.
public final class FleetReader {
  /// How many rows one fetch brings, so that memory does not grow with an answer.
  private static final int FETCH = 2_000;

  /// What a statement fails with that the role has no right to.
  private static final String FORBIDDEN = "42501";

  /// What stands behind the name of the database in the roles of gateways
  /// ([dev.patronus.fleet.HubGateways]).
  private static final String GATEWAY_ROLE = "_gw_";

  private static final String ONE_INSTANT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";

  /// Compiling a query takes longer than one of these does; groups of 20,000 policies fit in
  /// memory.
  private static final String FOR_LARGE_SUMS = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'";

  private static final RowReader<HubGateway> GATEWAY =
      row -> new HubGateway(row.getInt(1), row.getString(2));

  private final HubLogin login;
  private final Connection connection;
  private final List<HubGateway> gateways;
  private final Map<Integer, HubGateway> byId = new HashMap<>();
  private final Map<String, HubGateway> byName = new HashMap<>();

  private FleetReader(HubLogin login, Connection connection, List<HubGateway> gateways) {
    this.login = login;
    this.connection = connection;
    this.gateways = List.copyOf(gateways);
    for (HubGateway gateway : gateways) {
      byId.put(gateway.id(), gateway);
      byName.put(gateway.name(), gateway);
    }
  }

  /// Takes a row.
  @FunctionalInterface
  public interface RowConsumer {
    void accept(ResultSet row) throws SQLException;
  }

  /// Opens a hub, reads what is wanted, and closes it.
  ///
  /// @param chosen is given the names of all gateways in order, and returns those that are wanted
  /// @throws UserError if it cannot be reached or read, or has another schema
  public static <T> T read(
      HubLogin login, UnaryOperator<List<String>> chosen, Function<FleetReader, T> work) {
    try (Hub hub = Hub.open(login, 0)) {
      return read(hub, chosen, work);
    } catch (UserError e) {
      boolean forbidden =
          e.getCause() instanceof SQLException cause && FORBIDDEN.equals(cause.getSQLState());
      throw forbidden ? new UserError(e.exitCode(), forbidden(login), e) : e;
    }
  }

  /// That a login may not read. One of a gateway never may, and is not told who could allow it.
  private static String forbidden(HubLogin login) {
    return login.user().startsWith(login.database() + GATEWAY_ROLE)
        ? "%s is the login of a gateway, and may not read the hub %s; name your own, for example --hub postgresql://USER@%s, or in PATRONUS_FLEET"
            .formatted(login.user(), login.name(), login.name())
        : "%s may not read the hub %s; its owner allows it with: GRANT %s_fleet_reader TO %s"
            .formatted(login.user(), login.name(), login.database(), login.user());
  }

  private static <T> T read(
      Hub hub, UnaryOperator<List<String>> chosen, Function<FleetReader, T> work) {
    HubLogin login = hub.login();
    return hub.read(handle -> {
      handle.execute(ONE_INSTANT);
      handle.execute(FOR_LARGE_SUMS);
      requireVersion(login, handle);
      List<HubGateway> all =
          GATEWAY.list(
              handle.getConnection(), "SELECT gateway_id, name FROM fleet.gateways ORDER BY name");
      Set<String> names = Set.copyOf(chosen.apply(all.stream().map(HubGateway::name).toList()));
      return work.apply(
          new FleetReader(
              login,
              handle.getConnection(),
              all.stream().filter(each -> names.contains(each.name())).toList()));
    });
  }

  private static void requireVersion(HubLogin login, Handle handle) {
    Optional<Integer> version = HubSchema.version(handle);
    if (version.isEmpty()) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE,
          login.name() + " is no hub; its owner makes it one with: patronus fleet init");
    }
    if (version.get() != HubSchema.VERSION) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE,
          "the hub "
              + login.name()
              + " has schema version "
              + version.get()
              + ", and this program reads "
              + HubSchema.VERSION
              + "; "
              + (version.get() < HubSchema.VERSION
                  ? "its owner updates it with: patronus fleet init"
                  : "update patronus"));
    }
  }

  /// The gateways that are wanted, by name.
  public List<HubGateway> gateways() {
    return gateways;
  }

  /// The gateway of a number, out of those that are wanted.
  HubGateway gateway(int id) {
    return Objects.requireNonNull(byId.get(id));
  }

  /// The gateway of a name, out of those that are wanted.
  HubGateway gateway(String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  /// The hub in messages.
  public String hubName() {
    return login.name();
  }

  /// The numbers of the gateways that are wanted, as an array of SQL.
  int[] ids() {
    return gateways.stream().mapToInt(HubGateway::id).toArray();
  }

  Connection connection() {
    return connection;
  }

  /// Hands on the rows of a query one by one.
  ///
  /// @param bound what stands for its parameters: numbers, texts, arrays of them
  void each(String sql, RowConsumer rows, Object... bound) {
    run(sql, FETCH, rows, bound);
  }

  private void run(String sql, int fetch, RowConsumer rows, Object... bound) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setFetchSize(fetch);
      for (int i = 0; i < bound.length; i++) {
        statement.setObject(i + 1, bound[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows.accept(row);
        }
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /// Hands on the rows of a query that has few; the server may compute them with several processes,
  /// which it does for none that is fetched in pieces.
  void atOnce(String sql, RowConsumer rows, List<Object> bound) {
    run(sql, 0, rows, bound.toArray());
  }

  /// The values of all rows of a query.
  <T> List<T> list(String sql, RowReader<T> reader, Object... bound) {
    List<T> values = new ArrayList<>();
    each(sql, row -> values.add(reader.read(row)), bound);
    return values;
  }

  UserError failed(SQLException e) {
    return HubErrors.running(login, e);
  }
}
