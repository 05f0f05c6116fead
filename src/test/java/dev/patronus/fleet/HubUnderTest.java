package dev.patronus.fleet;

import dev.patronus.fleet.address.HubAddress;
import dev.patronus.fleet.address.HubLogin;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// A hub in a database of its own on a real server, for tests.
public final class HubUnderTest {
  private final PostgresServer server;
  private final String database;
  private final Path home;

  private HubUnderTest(PostgresServer server, String database, Path home) {
    this.server = server;
    this.database = database;
    this.home = home;
  }

  /// Makes one, with the schema.
  public static HubUnderTest make(PostgresServer server, Path home) {
    HubUnderTest made = bare(server, home);
    try (Hub hub = made.admin()) {
      HubSchema.Made _ = HubSchema.init(hub, LocalDate.of(2026, 11, 29));
    }
    return made;
  }

  /// Makes an empty database.
  ///
  /// @param home where password files of gateways go
  public static HubUnderTest bare(PostgresServer server, Path home) {
    return new HubUnderTest(server, server.database(), home);
  }

  /// The same hub, for logins of a user with another home.
  public HubUnderTest withHome(Path other) {
    return new HubUnderTest(server, database, other);
  }

  public PostgresServer server() {
    return server;
  }

  public String database() {
    return database;
  }

  /// A connection as superuser; the caller closes it.
  public Hub admin() {
    return Hub.open(login(server.address(PostgresServer.ADMIN, database)), 0);
  }

  public HubLogin login(String address) {
    return HubLogin.of(HubAddress.parse(address), Map.of(), home, "nobody");
  }

  /// A gateway that is enrolled: its role, its password, and its address, for which there is a
  /// password file.
  public record Enrolled(String name, String role, String password, String address) {}

  public Enrolled enrol(String name) {
    try (Hub hub = admin()) {
      HubGateways.Enrolled made = HubGateways.enrol(hub, name, false, OptionalLong.empty());
      Path file = home.resolve(made.role() + ".pgpass");
      Files.writeString(file, "*:*:*:" + made.role() + ":" + made.password().orElseThrow() + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      return new Enrolled(
          name,
          made.role(),
          made.password().orElseThrow(),
          server.address(made.role(), database) + "?gateway=" + name + "&passfile=" + file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs SQL by psql as superuser; the lines of its rows.
  public List<String> sql(String sql) {
    ProgramOutcome outcome = server.psql(PostgresServer.ADMIN, database, sql);
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.toString());
    }
    return outcome.lines();
  }

  /// Runs SQL by psql as a gateway.
  public ProgramOutcome as(Enrolled gateway, String sql) {
    return server.psql(gateway.role(), gateway.password(), database, sql);
  }
}
