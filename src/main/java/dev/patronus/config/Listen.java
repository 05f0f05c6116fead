package dev.patronus.config;

import dev.patronus.flow.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/// The text of an address to listen on: `HOST:PORT`, `[IPV6]:PORT`, or `off`.
final class Listen {
  private Listen() {}

  static Optional<InetSocketAddress> parse(String text) {
    if (text.equals("off")) {
      return Optional.empty();
    }
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw unreadable(text);
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    if (port > 65535) {
      throw unreadable(text);
    }
    try {
      return Optional.of(
          new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)), port));
    } catch (UnknownHostException _) {
      throw unreadable(text);
    }
  }

  /// The text of an address, as it can be read again.
  static String text(InetSocketAddress address) {
    return new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString();
  }

  private static IllegalArgumentException unreadable(String text) {
    return new IllegalArgumentException(
        "must be HOST:PORT or off, as in 127.0.0.1:9469, was '" + text + "'");
  }
}
