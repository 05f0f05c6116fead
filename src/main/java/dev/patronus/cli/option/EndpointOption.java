package dev.patronus.cli.option;

import dev.patronus.site.EndpointAddress;

/// One end of a flow as it is typed: an address, with a port where there is one.
public final class EndpointOption {
  private static final String FORMS = "write 10.0.0.1, 10.0.0.1:5060 or [2001:db8::1]:5060";

  private EndpointOption() {}

  /// Reads an address with an optional port.
  ///
  /// @throws IllegalArgumentException that says what to write instead
  public static EndpointAddress read(String text) {
    return EndpointAddress.parse(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'" + text + "' is not an address; " + remedy(text.strip())));
  }

  private static String remedy(String text) {
    int slash = text.indexOf('/');
    int zone = text.indexOf('%');
    int colon = text.lastIndexOf(':');
    if (slash > 0 && isEnd(text.substring(0, slash))) {
      return "a flow has a single address: remove '" + text.substring(slash) + "'";
    }
    if (zone > 0 && isEnd(text.substring(0, zone))) {
      return "policies do not support zones: remove '" + text.substring(zone) + "'";
    }
    if (colon > 0 && isEnd(text.substring(0, colon))) {
      return "the port must be a number from 0 to 65535, was '" + text.substring(colon + 1) + "'";
    }
    if (text.matches("[0-9]{1,5}")) {
      return "write a port behind its address, as in 10.0.0.1:" + text;
    }
    return isName(text)
        ? "names are not looked up: 'getent ahosts " + host(text) + "' shows its addresses"
        : FORMS;
  }

  private static boolean isEnd(String text) {
    return EndpointAddress.parse(text).isPresent();
  }

  private static boolean isName(String text) {
    return host(text).matches("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
        && host(text).matches(".*[G-Zg-z].*");
  }

  private static String host(String text) {
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }
}
