package dev.patronus.fleet.address;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The address of a hub, as people write it:
/// `postgresql://[USER@]HOST[:PORT][,HOST...]/DATABASE[?NAME=VALUE&...]`.
///
/// It is a connection URI of libpq (postgresql.org/docs/current/libpq-connect.html, 34.1.1.2) with
/// the parameter `gateway`, and without passwords: those are in a password file, so that an address
/// may be shown anywhere. Immutable.
///
/// @param hosts names, addresses, or folders of Unix sockets, each with its port where it has one;
///   empty for the default
/// @param user empty for the default
/// @param database empty for the default
/// @param parameters by name
public record HubAddress(
    List<Host> hosts,
    Optional<String> user,
    Optional<String> database,
    Map<String, String> parameters) {
  /// The parameters that an address may have; all but `gateway` mean what libpq says.
  private static final Set<String> PARAMETERS =
      new TreeSet<>(
          Set.of(
              "connect_timeout",
              "gateway",
              "passfile",
              "service",
              "sslcert",
              "sslkey",
              "sslmode",
              "sslrootcert",
              "target_session_attrs"));

  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  private static final int PORT_MAX = 65_535;

  /// A host, and its port; empty for the default.
  public record Host(String name, Optional<Integer> port) {
    /// Whether it is a folder of Unix sockets.
    public boolean isSocket() {
      return name.startsWith("/");
    }

    /// Whether nothing leaves this machine.
    boolean isLocal() {
      return isSocket()
          || name.equals("localhost")
          || name.equals("::1")
          || name.matches("127(\\.\\d{1,3}){3}");
    }
  }

  public HubAddress {
    hosts = List.copyOf(hosts);
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    for (String name : parameters.keySet()) {
      if (!PARAMETERS.contains(name)) {
        throw refused(
            "has no parameter '%s'; there are %s".formatted(name, String.join(", ", PARAMETERS)));
      }
    }
    String mode = parameters.get("sslmode");
    if (mode != null && !SSL_MODES.contains(mode)) {
      throw refused("has sslmode '" + mode + "', which must be one of disable ... verify-full");
    }
  }

  /// Reads an address. A message about one that is refused never contains the text itself.
  ///
  /// @throws UserError of usage
  public static HubAddress parse(String text) {
    String scheme = text.toLowerCase(Locale.ROOT);
    int start =
        scheme.startsWith("postgresql://")
            ? "postgresql://".length()
            : scheme.startsWith("postgres://") ? "postgres://".length() : -1;
    if (start < 0) {
      throw refused("must begin with postgresql://, as in postgresql://hub.example.net/patronus");
    }
    String rest = text.substring(start);
    int query = rest.indexOf('?');
    Map<String, String> parameters =
        query < 0 ? new LinkedHashMap<>() : parameters(rest.substring(query + 1));
    String path = query < 0 ? rest : rest.substring(0, query);
    int slash = path.indexOf('/');
    String authority = slash < 0 ? path : path.substring(0, slash);
    Optional<String> database =
        slash < 0 ? Optional.empty() : present(decoded(path.substring(slash + 1)));
    int at = authority.lastIndexOf('@');
    Optional<String> user = at < 0 ? Optional.empty() : user(authority.substring(0, at));
    List<Host> hosts = hosts(authority.substring(at + 1));
    String host = parameters.remove("host");
    String port = parameters.remove("port");
    String named = parameters.remove("user");
    String base = parameters.remove("dbname");
    if (host != null) {
      hosts = List.of(new Host(host, Optional.ofNullable(port).map(HubAddress::port)));
    } else if (port != null) {
      throw refused("has the parameter port without the parameter host");
    }
    return new HubAddress(
        hosts,
        named == null ? user : Optional.of(named),
        base == null ? database : Optional.of(base),
        parameters);
  }

  private static Optional<String> user(String info) {
    if (info.indexOf(':') >= 0) {
      throw password();
    }
    return present(decoded(info));
  }

  private static UserError password() {
    return refused(
        "must not contain a password; put it into ~/.pgpass (or the file that PGPASSFILE names),"
            + " as for psql");
  }

  private static Optional<String> present(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static List<Host> hosts(String text) {
    List<Host> hosts = new ArrayList<>();
    for (String host : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int end = host.startsWith("[") ? host.indexOf(']') + 1 : Math.max(0, host.lastIndexOf(':'));
      String name = host.lastIndexOf(':') < end || end == 0 ? host : host.substring(0, end);
      String port = name.length() < host.length() ? host.substring(name.length() + 1) : "";
      hosts.add(
          new Host(
              decoded(name.replace("[", "").replace("]", "")),
              port.isEmpty() ? Optional.empty() : Optional.of(port(port))));
    }
    return hosts;
  }

  private static int port(String text) {
    if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= PORT_MAX) {
      return Integer.parseInt(text);
    }
    throw refused("has no port number where one is expected");
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : query.split("&", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw refused("has a parameter without a value");
      }
      String name = decoded(part.substring(0, equals));
      if (name.equals("password") || name.equals("sslpassword")) {
        throw password();
      }
      parameters.put(name, decoded(part.substring(equals + 1)));
    }
    return parameters;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw refused("has a % that two hexadecimal digits must follow");
    }
  }

  private static UserError refused(String why) {
    return new UserError(ExitCode.USAGE, "the address of the hub " + why);
  }

  /// The gateway that sends with this address; empty where it names none.
  public Optional<String> gateway() {
    return parameter("gateway").filter(name -> !name.isEmpty());
  }

  /// Whether it leads nowhere but to the machine where it is used.
  public boolean isLocal() {
    return hosts.stream().allMatch(Host::isLocal) && parameter("service").isEmpty();
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /// The same with another user, and another gateway.
  ///
  /// @param gateway empty for none
  public HubAddress of(String user, Optional<String> gateway) {
    Map<String, String> changed = new LinkedHashMap<>(parameters);
    changed.remove("gateway");
    gateway.ifPresent(name -> changed.put("gateway", name));
    return new HubAddress(hosts, Optional.of(user), database, changed);
  }

  /// The text that [#parse] reads back.
  public String text() {
    StringBuilder text = new StringBuilder("postgresql://");
    user.ifPresent(name -> text.append(encoded(name)).append('@'));
    text.append(hosts.stream().map(HubAddress::text).collect(Collectors.joining(",")));
    text.append('/').append(database.map(HubAddress::encoded).orElse(""));
    char before = '?';
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      text.append(before).append(parameter.getKey()).append('=');
      text.append(encoded(parameter.getValue()));
      before = '&';
    }
    return text.toString();
  }

  private static String text(Host host) {
    String name = host.name().indexOf(':') >= 0 ? "[" + host.name() + "]" : host.name();
    return (host.isSocket() ? encoded(name) : name) + host.port().map(p -> ":" + p).orElse("");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return text();
  }
}
