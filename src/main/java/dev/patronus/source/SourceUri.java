package dev.patronus.source;

import dev.patronus.flow.HostPort;
import java.util.Map;

/// A source as an administrator writes it: `netflow://HOST:PORT`, `sflow://HOST:PORT`, `pcap:FILE`,
/// `conntrack:`.
///
/// Immutable. Reading one opens nothing and asks no name server.
public sealed interface SourceUri {
  /// A UDP port to receive on.
  sealed interface Udp extends SourceUri {
    /// An address or a name; an IPv6 address without its brackets.
    String host();

    int port();

    /// What follows `?`, by name; the source itself knows which there are.
    Map<String, String> options();

    /// The number of the receiver, from 1: of several that share an address, each is a source of
    /// its own.
    int receiver();

    /// What receives on the address: the name of the first receiver.
    String address();

    /// One receiver of this address.
    ///
    /// @param options those that each receiver has
    Udp receiver(int number, Map<String, String> options);

    /// `netflow://127.0.0.1:2055`; of another receiver than the first `netflow://127.0.0.1:2055#2`.
    @Override
    default String text() {
      return receiver() == 1 ? address() : address() + "#" + receiver();
    }
  }

  /// Flow export over UDP.
  record Netflow(String host, int port, Map<String, String> options, int receiver) implements Udp {
    /// The port that flow exporters send to unless told otherwise.
    public static final int DEFAULT_PORT = 2055;

    public Netflow {
      checkPort(port);
      options = Map.copyOf(options);
    }

    /// The first receiver.
    public Netflow(String host, int port, Map<String, String> options) {
      this(host, port, options, 1);
    }

    @Override
    public String address() {
      return "netflow://" + new HostPort(host, port);
    }

    @Override
    public Netflow receiver(int number, Map<String, String> options) {
      return new Netflow(host, port, options, number);
    }
  }

  /// Sampled packets over UDP.
  record Sflow(String host, int port, Map<String, String> options, int receiver) implements Udp {
    /// The port that is registered for sFlow.
    public static final int DEFAULT_PORT = 6343;

    public Sflow {
      checkPort(port);
      options = Map.copyOf(options);
    }

    /// The first receiver.
    public Sflow(String host, int port, Map<String, String> options) {
      this(host, port, options, 1);
    }

    @Override
    public String address() {
      return "sflow://" + new HostPort(host, port);
    }

    @Override
    public Sflow receiver(int number, Map<String, String> options) {
      return new Sflow(host, port, options, number);
    }
  }

  /// A capture file, or the stream on standard input.
  ///
  /// @param file its path as written; `-` is standard input
  /// @param captureTime whether it counts into the history of its own time (`?time=capture`),
  ///   instead of now
  record Pcap(String file, boolean captureTime) implements SourceUri {
    private static final String TIME = "?time=";

    public Pcap {
      if (file.isEmpty()) {
        throw new IllegalArgumentException("pcap: needs a file; try pcap:FILE or pcap:-");
      }
    }

    /// A capture that counts now.
    public Pcap(String file) {
      this(file, false);
    }

    /// Reads what follows `pcap:`. A `?` in a file's name is part of it, unless `time=` follows.
    private static Pcap parse(String text) {
      int at = text.lastIndexOf(TIME);
      if (at < 0) {
        return new Pcap(text);
      }
      String time = text.substring(at + TIME.length());
      return switch (time) {
        case "capture" -> new Pcap(text.substring(0, at), true);
        case "now" -> new Pcap(text.substring(0, at));
        default ->
            throw new IllegalArgumentException(
                "time must be capture or now, was '" + time + "'; try pcap:FILE?time=capture");
      };
    }

    public boolean isStandardInput() {
      return file.equals("-");
    }

    @Override
    public String text() {
      return "pcap:" + file;
    }
  }

  /// The accounting of this machine's connection tracking.
  record Conntrack() implements SourceUri {
    @Override
    public String text() {
      return "conntrack:";
    }
  }

  /// The source as messages and metrics name it: complete, without options.
  String text();

  /// Reads a source.
  ///
  /// @throws IllegalArgumentException that says what is wrong with it and what to write instead
  static SourceUri parse(String text) {
    int colon = text.indexOf(':');
    String rest = text.substring(colon + 1);
    return switch (colon < 0 ? "" : text.substring(0, colon)) {
      case "netflow" -> {
        UdpText udp = UdpText.parse(text, rest, Netflow.DEFAULT_PORT);
        yield new Netflow(udp.host(), udp.port(), udp.options());
      }
      case "sflow" -> {
        UdpText udp = UdpText.parse(text, rest, Sflow.DEFAULT_PORT);
        yield new Sflow(udp.host(), udp.port(), udp.options());
      }
      case "pcap" -> Pcap.parse(rest);
      case "conntrack" -> conntrack(text, rest);
      default ->
          throw new IllegalArgumentException(
              "unknown source '"
                  + text
                  + "'; try netflow://127.0.0.1:2055, sflow://127.0.0.1:6343, pcap:FILE,"
                  + " pcap:- or conntrack:");
    };
  }

  private static SourceUri conntrack(String text, String rest) {
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException("conntrack: takes nothing more, was '" + text + "'");
    }
    return new Conntrack();
  }

  private static void checkPort(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port must be 1..65535, was " + port);
    }
  }
}
