package dev.patronus.source;

import dev.patronus.flow.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the administrator knows better than the exporters: sampling rates, the fastest link, names.
///
/// Immutable.
///
/// @param sampling rates that override what an exporter sends, at most one for each
/// @param samplingDefault packets that one sampled packet of other exporters stands for that
///   announce no rate; 0 where nothing is set
/// @param maxRateBits the most bits a second that any exporter's link carries; empty where nothing
///   is set
/// @param names of exporters, by address
public record ExportCorrections(
    List<Sampling> sampling,
    long samplingDefault,
    OptionalLong maxRateBits,
    Map<IpAddress, String> names) {
  /// The largest rate that is accepted.
  public static final long MOST_RATE = 1L << 32;

  /// Nothing to correct.
  public static final ExportCorrections NONE =
      new ExportCorrections(List.of(), 0, OptionalLong.empty(), Map.of());

  private static final long LEAST_MAX_RATE_BITS = 1_000_000;
  private static final long MOST_MAX_RATE_BITS = 100_000_000_000_000L;
  private static final Pattern BITS = Pattern.compile("([0-9]{1,15})([kMGT]?)");
  private static final int MOST_NAME = 64;

  public ExportCorrections {
    sampling = List.copyOf(sampling);
    names = Map.copyOf(names);
  }

  /// The rate of an exporter, or of one of its observation domains.
  ///
  /// @param domain empty for all that have no rate of their own
  public record Sampling(IpAddress exporter, OptionalLong domain, long rate) {
    /// Reads `EXPORTER[/DOMAIN] RATE`.
    ///
    /// @throws IllegalArgumentException that says what is wrong and what to write instead
    public static Sampling parse(String text) {
      String[] words = text.strip().split("\\s+", -1);
      if (words.length != 2) {
        throw new IllegalArgumentException(
            "expected 'EXPORTER[/DOMAIN] RATE', was '" + text + "'; try '192.0.2.1 1000'");
      }
      String[] who = words[0].split("/", -1);
      if (who.length > 2) {
        throw new IllegalArgumentException("expected one domain at most, was '" + words[0] + "'");
      }
      OptionalLong domain =
          who.length == 1
              ? OptionalLong.empty()
              : OptionalLong.of(number(who[1], 0, 0xffff_ffffL, "domain"));
      return new Sampling(IpAddress.parse(who[0]), domain, parseRate(words[1]));
    }
  }

  /// A name for an exporter.
  public record Name(IpAddress exporter, String name) {
    /// Reads `EXPORTER NAME`.
    ///
    /// @throws IllegalArgumentException that says what is wrong and what to write instead
    public static Name parse(String text) {
      String[] words = text.strip().split("\\s+", 2);
      if (words.length != 2
          || words[1].length() > MOST_NAME
          || words[1].codePoints().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "expected 'EXPORTER NAME' with at most "
                + MOST_NAME
                + " characters, was '"
                + text
                + "'; try '192.0.2.1 branch-7'");
      }
      return new Name(IpAddress.parse(words[0]), words[1]);
    }
  }

  /// The corrections of these lines.
  ///
  /// @throws IllegalArgumentException if an exporter has two rates or two names
  public static ExportCorrections of(
      List<Sampling> sampling, long samplingDefault, OptionalLong maxRateBits, List<Name> names) {
    Map<Object, Sampling> rates = new HashMap<>();
    for (Sampling each : sampling) {
      if (rates.put(List.of(each.exporter(), each.domain()), each) != null) {
        throw new IllegalArgumentException("sampling: two rates for " + each.exporter());
      }
    }
    Map<IpAddress, String> byAddress = new HashMap<>();
    for (Name each : names) {
      if (byAddress.put(each.exporter(), each.name()) != null) {
        throw new IllegalArgumentException("exporter-name: two names for " + each.exporter());
      }
    }
    return new ExportCorrections(sampling, samplingDefault, maxRateBits, byAddress);
  }

  /// The rate for an exporter's domain; 0 if there is none.
  ///
  /// @param domain 32 bits
  public long rate(IpAddress exporter, int domain) {
    long found = 0;
    for (Sampling each : sampling) {
      if (each.exporter().equals(exporter)) {
        if (each.domain().isEmpty()) {
          found = found == 0 ? each.rate() : found;
        } else if (each.domain().getAsLong() == Integer.toUnsignedLong(domain)) {
          return each.rate();
        }
      }
    }
    return found;
  }

  /// Reads a sampling rate: so many packets for each sampled one.
  ///
  /// @throws IllegalArgumentException if it is none
  public static long parseRate(String text) {
    return number(text.startsWith("1:") ? text.substring(2) : text, 1, MOST_RATE, "rate");
  }

  /// Reads bits a second, with `k`, `M`, `G` or `T` for a thousand times as much and so on.
  ///
  /// @throws IllegalArgumentException if they are none, or out of range
  public static long bits(String text) {
    Matcher written = BITS.matcher(text);
    long bits = -1;
    if (written.matches()) {
      bits = Long.parseLong(written.group(1));
      int power = written.group(2).isEmpty() ? 0 : "kMGT".indexOf(written.group(2)) + 1;
      for (; power > 0 && bits <= MOST_MAX_RATE_BITS; power--) {
        bits *= 1000;
      }
    }
    if (bits < LEAST_MAX_RATE_BITS || bits > MOST_MAX_RATE_BITS) {
      throw new IllegalArgumentException(
          "must be 1M..100T bits a second, was '" + text + "'; try 10G");
    }
    return bits;
  }

  private static long number(String text, long least, long most, String what) {
    long number = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
    if (number < least || number > most) {
      throw new IllegalArgumentException(
          what + " must be " + least + ".." + most + ", was '" + text + "'");
    }
    return number;
  }
}
