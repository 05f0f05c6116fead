package dev.patronus.fleet.address;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/// All that a connection to a hub needs: an address, completed by a service file, defaults, and the
/// password of a password file.
///
/// Immutable. No text of it contains the password.
public final class HubLogin {
  private static final int DEFAULT_PORT = 5432;
  private static final Path SOCKETS = Path.of("/var/run/postgresql");
  private static final Path SYSTEM_ROOTS = Path.of("/etc/ssl/certs/ca-certificates.crt");

  /// So many seconds a connection may take.
  private static final String CONNECT_TIMEOUT = "10";

  private final List<HubAddress.Host> hosts;
  private final int port;
  private final String database;
  private final String user;
  private final Properties properties;
  private final String credentials;

  private HubLogin(
      List<HubAddress.Host> hosts,
      int port,
      String database,
      String user,
      Properties properties,
      String credentials) {
    this.hosts = List.copyOf(hosts);
    this.port = port;
    this.database = database;
    this.user = user;
    this.properties = properties;
    this.credentials = credentials;
  }

  /// Completes an address for the user who runs this process.
  ///
  /// @throws UserError of usage, if a file is missing or readable by others
  public static HubLogin of(HubAddress address, Map<String, String> env) {
    Path home = Path.of(env.getOrDefault("HOME", System.getProperty("user.home")));
    return of(address, env, home, System.getProperty("user.name"));
  }

  /// Completes an address.
  ///
  /// @param env the variables that psql reads, too: `PGPASSFILE`, `PGSERVICE`, `PGSERVICEFILE`,
  ///   `PGSYSCONFDIR`
  /// @param home the folder that has `.pgpass`, `.pg_service.conf` and `.postgresql`
  /// @param account the user of the operating system
  /// @throws UserError of usage, if a file is missing or readable by others
  public static HubLogin of(
      HubAddress address, Map<String, String> env, Path home, String account) {
    Map<String, String> service =
        address
            .parameter("service")
            .or(() -> given(env, "PGSERVICE"))
            .filter(name -> !name.isEmpty())
            .map(name -> ServiceFile.find(name, env, home))
            .orElse(Map.of());
    int port = Optional.ofNullable(service.get("port")).map(HubLogin::port).orElse(DEFAULT_PORT);
    List<HubAddress.Host> hosts =
        address.hosts().isEmpty()
            ? List.of(new HubAddress.Host(defaultHost(service), Optional.empty()))
            : address.hosts();
    if (hosts.size() > 1 && hosts.stream().anyMatch(HubAddress.Host::isSocket)) {
      throw new UserError(
          ExitCode.USAGE, "the address of the hub has a Unix socket beside another host");
    }
    String user = address.user().or(() -> given(service, "user")).orElse(account);
    String database = address.database().or(() -> given(service, "dbname")).orElse(user);
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("ApplicationName", "patronus");
    properties.setProperty("assumeMinServerVersion", "15");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("prepareThreshold", "0"); // a pooler may change the session
    properties.setProperty(
        "connectTimeout", value(address, service, "connect_timeout").orElse(CONNECT_TIMEOUT));
    value(address, service, "target_session_attrs")
        .ifPresent(wanted -> properties.setProperty("targetServerType", serverType(wanted)));
    encrypt(properties, hosts, address, service, home);
    Path passwords =
        value(address, service, "passfile")
            .or(() -> given(env, "PGPASSFILE").filter(name -> !name.isEmpty()))
            .map(Path::of)
            .orElse(home.resolve(".pgpass"));
    Optional<String> ofService = given(service, "password");
    Optional<String> password =
        ofService.or(() -> password(passwords, hosts.getFirst(), port, database, user));
    password.ifPresent(found -> properties.setProperty("password", found));
    String credentials =
        properties.containsKey("sslcert")
            ? "the common name of the certificate must be that role"
            : ofService.isPresent()
                ? "its password is that of the service file"
                : password.isPresent()
                    ? "its password is that of " + passwords
                    : "no password for it is in " + passwords;
    return new HubLogin(hosts, port, database, user, properties, credentials);
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new UserError(ExitCode.USAGE, "the service file has no number as port", e);
    }
  }

  private static Optional<String> given(Map<String, String> values, String name) {
    return Optional.ofNullable(values.get(name));
  }

  private static Optional<String> value(
      HubAddress address, Map<String, String> service, String name) {
    return address.parameter(name).or(() -> given(service, name));
  }

  private static String defaultHost(Map<String, String> service) {
    return given(service, "host")
        .orElseGet(() -> Files.isDirectory(SOCKETS) ? SOCKETS.toString() : "localhost");
  }

  private static String serverType(String attributes) {
    return switch (attributes) {
      case "any" -> "any";
      case "read-write", "primary" -> "primary";
      case "read-only", "standby" -> "secondary";
      case "prefer-standby" -> "preferSecondary";
      default ->
          throw new UserError(
              ExitCode.USAGE,
              "target_session_attrs must be any, read-write, read-only, primary, standby or"
                  + " prefer-standby");
    };
  }

  /// TLS with a server that proves its name is the default wherever the connection leaves this
  /// machine.
  private static void encrypt(
      Properties properties,
      List<HubAddress.Host> hosts,
      HubAddress address,
      Map<String, String> service,
      Path home) {
    boolean local = hosts.stream().allMatch(HubAddress.Host::isLocal);
    String mode = value(address, service, "sslmode").orElse(local ? "prefer" : "verify-full");
    if (hosts.getFirst().isSocket()) {
      properties.setProperty("sslmode", "disable");
      return;
    }
    properties.setProperty("sslmode", mode);
    Path folder = home.resolve(".postgresql");
    Optional<Path> roots =
        value(address, service, "sslrootcert")
            .map(name -> name.equals("system") ? SYSTEM_ROOTS : Path.of(name))
            .or(() -> there(folder.resolve("root.crt")))
            .or(() -> there(SYSTEM_ROOTS));
    roots.ifPresent(file -> properties.setProperty("sslrootcert", file.toString()));
    Optional<Path> certificate =
        value(address, service, "sslcert")
            .map(Path::of)
            .or(() -> there(folder.resolve("postgresql.crt")));
    if (certificate.isEmpty() || mode.equals("disable")) {
      return;
    }
    Path key =
        value(address, service, "sslkey").map(Path::of).orElse(folder.resolve("postgresql.key"));
    SecretFile.requirePrivate(key);
    SecretFile.requirePlainKey(key);
    properties.setProperty("pemKeyAlgorithm", SecretFile.keyAlgorithm(certificate.get()));
    properties.setProperty("sslcert", certificate.get().toString());
    properties.setProperty("sslkey", key.toString());
  }

  private static Optional<Path> there(Path file) {
    return Files.exists(file) ? Optional.of(file) : Optional.empty();
  }

  private static Optional<String> password(
      Path file, HubAddress.Host host, int port, String database, String user) {
    boolean standard = host.name().equals(SOCKETS.toString());
    return SecretFile.password(
        file, standard ? "localhost" : host.name(), host.port().orElse(port), database, user);
  }

  /// What the driver is given besides the URL; contains the password.
  public Properties properties() {
    Properties copy = new Properties();
    copy.putAll(properties);
    return copy;
  }

  /// The URL for the driver.
  public String url() {
    String authority =
        socket().isPresent()
            ? "localhost"
            : hosts.stream().map(this::withPort).collect(Collectors.joining(","));
    return "jdbc:postgresql://"
        + authority
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  private String withPort(HubAddress.Host host) {
    String name = host.name().indexOf(':') >= 0 ? "[" + host.name() + "]" : host.name();
    return name + ":" + host.port().orElse(port);
  }

  /// The Unix socket; empty where the hub is reached by an address.
  public Optional<Path> socket() {
    HubAddress.Host host = hosts.getFirst();
    return host.isSocket()
        ? Optional.of(Path.of(host.name(), ".s.PGSQL." + host.port().orElse(port)))
        : Optional.empty();
  }

  public String user() {
    return user;
  }

  public String database() {
    return database;
  }

  /// By what the login is made, for messages about one that was refused.
  public String credentials() {
    return credentials;
  }

  /// The file of the authorities that may have signed the hub's certificate; empty where there is
  /// none.
  public Optional<String> authorities() {
    return Optional.ofNullable(properties.getProperty("sslrootcert"));
  }

  /// The names or addresses of the hub, as they were written.
  public String hostNames() {
    return hosts.stream().map(HubAddress.Host::name).collect(Collectors.joining(","));
  }

  /// The hub in messages: `hub.example.net:5432/patronus`.
  public String name() {
    String where =
        socket()
            .map(Path::toString)
            .orElseGet(() -> hosts.stream().map(this::withPort).collect(Collectors.joining(",")));
    return where + "/" + database;
  }

  @Override
  public String toString() {
    return user + " at " + name();
  }
}
