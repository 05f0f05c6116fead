package dev.patronus.site;

import dev.patronus.flow.HostPort;
import dev.patronus.flow.IpAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/// Where an uplink is on the network: an address, with its port where one is written.
///
/// Immutable.
public record EndpointAddress(IpAddress ip, OptionalInt port) {
  public EndpointAddress {
    Objects.requireNonNull(ip, "ip");
    port.ifPresent(EndpointAddress::checkPort);
  }

  private static void checkPort(int port) {
    if ((port & ~0xffff) != 0) {
      throw new IllegalArgumentException("port must be 0..65535, was " + port);
    }
  }

  /// Reads `192.0.2.1`, `192.0.2.1:51820`, `2001:db8::1` and `[2001:db8::1]:51820`; empty if the
  /// text is none of these (a host name, say).
  public static Optional<EndpointAddress> parse(String text) {
    try {
      return Optional.of(read(text.strip()));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static EndpointAddress read(String text) {
    if (text.startsWith("[")) {
      int close = text.indexOf(']');
      if (close < 0) {
        throw new IllegalArgumentException("no closing bracket");
      }
      return of(text.substring(1, close), text.substring(close + 1));
    }
    int colon = text.indexOf(':');
    boolean v4WithPort = colon >= 0 && text.indexOf('.') >= 0 && text.indexOf(':', colon + 1) < 0;
    return v4WithPort ? of(text.substring(0, colon), text.substring(colon)) : of(text, "");
  }

  private static EndpointAddress of(String ip, String colonAndPort) {
    return new EndpointAddress(IpAddress.parse(ip), port(colonAndPort));
  }

  private static OptionalInt port(String colonAndPort) {
    if (colonAndPort.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!colonAndPort.matches(":[0-9]{1,5}")) {
      throw new IllegalArgumentException("not a port");
    }
    return OptionalInt.of(Integer.parseInt(colonAndPort.substring(1)));
  }

  @Override
  public String toString() {
    return port.isEmpty() ? ip.toString() : new HostPort(ip.toString(), port.getAsInt()).toString();
  }
}
