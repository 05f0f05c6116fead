package dev.patronus.flow;

/// A host and a port as one text: `192.0.2.1:53`, `[2001:db8::1]:53`, `localhost:53` (RFC 3986
/// §3.2.2).
///
/// Immutable.
///
/// @param host a name or an address, without brackets
public record HostPort(String host, long port) {

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
