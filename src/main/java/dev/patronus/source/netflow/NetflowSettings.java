package dev.patronus.source.netflow;

import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.exporter.Rate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// The settings of a source of flow export: NetFlow or sFlow.
///
/// Immutable. As options of the source's URI: `sampling=N` (whatever the exporters say),
/// `sampling-default=N` (where they say nothing), `direction=both|ingress|egress`,
/// `receive-buffer=BYTES`, `max-rate=BITS` (a second; `10G`), `receivers=N`.
///
/// @param sampling the rate that overrides all others; [Rate#NONE] if none does
/// @param samplingDefault the rate of exporters that announce none
/// @param direction the records to count, of those that say where they were seen
/// @param receiveBufferBytes what to ask the kernel for: of all receivers of the address together
/// @param allowed blocks that exporters must be in; empty allows all
/// @param maxRateBits the most bits a second that any exporter's link carries: records that report
///   more are rejected
/// @param corrections of the configuration; a rate of one exporter takes precedence
public record NetflowSettings(
    Rate sampling,
    Rate samplingDefault,
    Direction direction,
    int receiveBufferBytes,
    List<IpPrefix> allowed,
    long maxRateBits,
    ExportCorrections corrections) {
  /// Which records count, of those that carry IE 61. A gateway that exports both sees each packet
  /// that it forwards twice; but softflowd calls the replies egress, so that the choice is the
  /// administrator's.
  public enum Direction {
    BOTH,
    INGRESS,
    EGRESS
  }

  /// With as much again for the kernel's own overhead it holds some 29,000 datagrams of 1,400
  /// bytes: half a second of 50,000 a second, so that a machine that is busy with other things, or
  /// a Java that still compiles, loses nothing. The kernel takes the memory only while they wait.
  public static final int RECEIVE_BUFFER_BYTES = 32 << 20;

  /// 400 Gbit/s: the fastest common link in 2026.
  public static final long MAX_RATE_BITS = 400_000_000_000L;

  private static final int MOST_RECEIVE_BUFFER_BYTES = 1 << 30;
  private static final String RECEIVERS = "receivers";
  private static final Set<String> OPTIONS =
      new TreeSet<>(
          Set.of(
              "sampling",
              "sampling-default",
              "direction",
              "receive-buffer",
              "max-rate",
              RECEIVERS));

  /// All exporters, all directions, the rates that they announce.
  public static final NetflowSettings PLAIN =
      new NetflowSettings(
          Rate.NONE,
          Rate.NONE,
          Direction.BOTH,
          RECEIVE_BUFFER_BYTES,
          List.of(),
          MAX_RATE_BITS,
          ExportCorrections.NONE);

  public NetflowSettings {
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(samplingDefault, "samplingDefault");
    Objects.requireNonNull(direction, "direction");
    Objects.requireNonNull(corrections, "corrections");
    allowed = List.copyOf(allowed);
  }

  /// The settings in the options of a URI.
  ///
  /// @throws IllegalArgumentException that names the option and says what it takes
  public static NetflowSettings of(
      SourceUri.Udp uri, List<IpPrefix> allowed, ExportCorrections corrections) {
    Map<String, String> options = uri.options();
    Set<String> known = new TreeSet<>(OPTIONS);
    if (uri instanceof SourceUri.Sflow) {
      known.remove("direction"); // an agent says where it samples by its sources
    }
    for (String name : options.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "unknown option '" + name + "'; there are " + String.join(", ", known));
      }
    }
    int _ = receivers(uri);
    return new NetflowSettings(
        rate(options, "sampling", Rate.Origin.OVERRIDE),
        samplingDefault(options, corrections),
        direction(options.getOrDefault("direction", "both")),
        (int) number(options, "receive-buffer", 1, MOST_RECEIVE_BUFFER_BYTES, RECEIVE_BUFFER_BYTES),
        allowed,
        options.containsKey("max-rate")
            ? maxRate(options.get("max-rate"))
            : corrections.maxRateBits().orElse(MAX_RATE_BITS),
        corrections);
  }

  /// How many receivers an address has.
  ///
  /// @throws IllegalArgumentException that names the option and says what it takes
  public static int receivers(SourceUri.Udp uri) {
    return (int) number(uri.options(), RECEIVERS, 1, Receivers.MOST, 1);
  }

  /// One receiver of an address: it does not depend on how many there are.
  public static SourceUri.Udp receiver(SourceUri.Udp uri, int number) {
    Map<String, String> options = new HashMap<>(uri.options());
    options.remove(RECEIVERS);
    return uri.receiver(number, options);
  }

  private static long maxRate(String text) {
    try {
      return ExportCorrections.bits(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("max-rate: " + e.getMessage(), e);
    }
  }

  private static Rate samplingDefault(Map<String, String> options, ExportCorrections corrections) {
    boolean configured =
        !options.containsKey("sampling-default") && corrections.samplingDefault() > 0;
    return configured
        ? new Rate(corrections.samplingDefault(), 1, Rate.Origin.DEFAULT_OF_ALL)
        : rate(options, "sampling-default", Rate.Origin.DEFAULT);
  }

  private static Rate rate(Map<String, String> options, String name, Rate.Origin origin) {
    return options.containsKey(name)
        ? new Rate(number(options, name, 1, Rate.LIMIT, 1), 1, origin)
        : Rate.NONE;
  }

  private static long number(
      Map<String, String> options, String name, long least, long most, long absent) {
    String text = options.get(name);
    if (text == null) {
      return absent;
    }
    long number = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
    if (number < least || number > most) {
      throw new IllegalArgumentException(
          name + " must be " + least + ".." + most + ", was '" + text + "'");
    }
    return number;
  }

  private static Direction direction(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "both" -> Direction.BOTH;
      case "ingress" -> Direction.INGRESS;
      case "egress" -> Direction.EGRESS;
      default ->
          throw new IllegalArgumentException(
              "direction must be both, ingress or egress, was '" + text + "'");
    };
  }

  /// The rate that the administrator set for an exporter's domain; [Rate#NONE] if none is set.
  ///
  /// @param domain 32 bits
  public Rate samplingOf(IpAddress exporter, int domain) {
    long rate = corrections.sampling().isEmpty() ? 0 : corrections.rate(exporter, domain);
    return rate == 0 ? sampling : new Rate(rate, 1, Rate.Origin.CORRECTION);
  }

  /// Whether datagrams from this address are read at all.
  public boolean allows(IpAddress exporter) {
    return allowed.isEmpty() || allowed.stream().anyMatch(block -> block.contains(exporter));
  }
}
