package dev.patronus.source;

import java.util.HashMap;
import java.util.Map;

/// What follows the scheme of a source on a UDP port: `//HOST:PORT?name=value&name=value`, each
/// part optional.
///
/// Immutable.
record UdpText(String host, int port, Map<String, String> options) {
  private static final String LOOPBACK = "127.0.0.1";

  /// @param whole what was written, for messages
  /// @param rest what follows the scheme
  /// @param defaultPort the port where none is written
  static UdpText parse(String whole, String rest, int defaultPort) {
    int question = rest.indexOf('?');
    String authority = question < 0 ? rest : rest.substring(0, question);
    String query = question < 0 ? "" : rest.substring(question + 1);
    if (authority.startsWith("//")) {
      authority = authority.substring(2);
    } else if (!authority.isEmpty()) {
      throw unreadable(whole);
    }
    int hostEnd = hostEnd(authority, whole);
    String host = authority.substring(0, hostEnd).replace("[", "").replace("]", "");
    int port = port(authority.substring(hostEnd), whole, defaultPort);
    return new UdpText(host.isEmpty() ? LOOPBACK : host, port, options(query, whole));
  }

  private static int hostEnd(String authority, String whole) {
    if (authority.startsWith("[")) {
      int bracket = authority.indexOf(']');
      if (bracket < 0) {
        throw unreadable(whole);
      }
      return bracket + 1;
    }
    int colon = authority.indexOf(':');
    if (colon >= 0 && authority.indexOf(':', colon + 1) >= 0) {
      throw new IllegalArgumentException(
          "'"
              + whole
              + "' has an IPv6 address without brackets; try "
              + scheme(whole)
              + "://[::1]");
    }
    return colon < 0 ? authority.length() : colon;
  }

  private static int port(String text, String whole, int defaultPort) {
    if (text.isEmpty() || text.equals(":")) {
      return defaultPort;
    }
    if (!text.matches(":[0-9]{1,5}")) {
      throw unreadable(whole);
    }
    return Integer.parseInt(text.substring(1));
  }

  private static Map<String, String> options(String query, String whole) {
    Map<String, String> options = new HashMap<>();
    for (String option : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = option.indexOf('=');
      if (equals < 1 || options.containsKey(option.substring(0, equals))) {
        throw new IllegalArgumentException(
            "option '" + option + "' of '" + whole + "' must be name=value, once each");
      }
      options.put(option.substring(0, equals), option.substring(equals + 1));
    }
    return options;
  }

  private static IllegalArgumentException unreadable(String whole) {
    return new IllegalArgumentException(
        "cannot read the source '" + whole + "'; try " + scheme(whole) + "://127.0.0.1");
  }

  private static String scheme(String whole) {
    return whole.substring(0, whole.indexOf(':'));
  }
}
