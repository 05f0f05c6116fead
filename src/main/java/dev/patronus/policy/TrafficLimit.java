package dev.patronus.policy;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// A limit that traffic must not exceed: `bytes>10GB`, `voice:flows>100`, `total:bit-rate>=1Gbit`.
///
/// Immutable.
///
/// @param policy the name or id of the policy that it is for; empty for each
/// @param bound in the measure's own unit: packets, bytes, flows, a second of them, seconds
public record TrafficLimit(
    Optional<String> policy, Measure measure, Relation relation, double bound, String text) {
  /// The name that stands for all policies together.
  public static final String TOTAL = "total";

  /// The name that stands for the traffic that no policy matched.
  public static final String UNMATCHED = "unmatched";

  private static final Pattern SHAPE =
      Pattern.compile("(?:(.+):)?\\s*([a-z-]+)\\s*(>=|<=|>|<|=)\\s*(\\S.*)");

  /// What is held against the limit.
  public enum Measure {
    PACKETS,
    BYTES,
    FLOWS,
    /// Packets a second.
    PACKET_RATE,
    /// Bytes a second; a limit may be written in bits.
    BYTE_RATE,
    /// Seconds since the daemon's answer, or since the newest snapshot.
    AGE,
    /// Seconds since the last packet; known to the daemon alone.
    IDLE;

    private static final String BIT_RATE = "bit-rate";

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The measure of a word; `bit-rate` and `rate` are byte rates, too.
    ///
    /// @throws IllegalArgumentException that says what can be measured
    public static Measure of(String word) {
      for (Measure measure : values()) {
        if (measure.word().equals(word)) {
          return measure;
        }
      }
      if (word.equals(BIT_RATE) || word.equals("rate")) {
        return BYTE_RATE;
      }
      throw new IllegalArgumentException(
          "cannot measure '"
              + word
              + "'; try packets, bytes, flows, packet-rate, byte-rate, bit-rate, age or idle");
    }

    /// What a number is that a measure is held against: what is written without a unit counts bits
    /// behind `bit-rate` alone.
    ///
    /// @param word by which the measure was named
    public static Quantity.Unit unitOf(String word) {
      return switch (of(word)) {
        case AGE, IDLE -> Quantity.Unit.SECONDS;
        case PACKETS, BYTES, FLOWS, PACKET_RATE -> Quantity.Unit.AMOUNT;
        case BYTE_RATE -> word.equals(BIT_RATE) ? Quantity.Unit.BIT_RATE : Quantity.Unit.BYTE_RATE;
      };
    }

    /// Why the unit of a number is probably not what was meant: `bit-rate counts bits, and '50MB'
    /// is written in bytes`; empty if it fits. Limits of `byte-rate` are written in bits as well.
    ///
    /// @param word by which the measure was named
    /// @param number that can be read
    public static Optional<String> doubt(String word, String number) {
      Quantity.Written written = Quantity.written(number);
      if (written == Quantity.Written.NEITHER) {
        return Optional.empty();
      }
      boolean bytes = written == Quantity.Written.BYTES;
      Optional<String> counted =
          switch (of(word)) {
            case PACKETS, PACKET_RATE -> Optional.of("packets");
            case FLOWS -> Optional.of("flows");
            case BYTES -> bytes ? Optional.empty() : Optional.of("bytes");
            case BYTE_RATE ->
                bytes && word.equals(BIT_RATE) ? Optional.of("bits") : Optional.empty();
            case AGE, IDLE -> Optional.empty();
          };
      return counted.map(what ->
          word
              + " counts "
              + what
              + ", and '"
              + number
              + "' is written in "
              + (bytes ? "bytes" : "bits"));
    }
  }

  /// How a value must stand to the bound for the limit to be exceeded.
  public enum Relation {
    MORE(">"),
    AT_LEAST(">="),
    LESS("<"),
    AT_MOST("<="),
    EQUAL("=");

    private final String sign;

    Relation(String sign) {
      this.sign = sign;
    }

    /// The relation of a sign; `==` is `=`.
    public static Optional<Relation> of(String sign) {
      for (Relation relation : values()) {
        if (relation.sign.equals(sign) || (relation == EQUAL && sign.equals("=="))) {
          return Optional.of(relation);
        }
      }
      return Optional.empty();
    }

    public String sign() {
      return sign;
    }

    public boolean holds(double value, double bound) {
      return switch (this) {
        case MORE -> value > bound;
        case AT_LEAST -> value >= bound;
        case LESS -> value < bound;
        case AT_MOST -> value <= bound;
        case EQUAL -> Double.compare(value, bound) == 0;
      };
    }
  }

  public TrafficLimit {
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(measure, "measure");
    Objects.requireNonNull(relation, "relation");
    Objects.requireNonNull(text, "text");
  }

  /// Reads a limit.
  ///
  /// @throws IllegalArgumentException that says what can be written, or that a number of packets or
  ///   flows is written in bytes or bits
  public static TrafficLimit parse(String text) {
    java.util.regex.Matcher matcher = SHAPE.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "cannot read the limit '"
              + text
              + "'; write bytes>10GB, voice:flows>100 or"
              + " total:byte-rate>1Gbit/s");
    }
    MatchResult parts = matcher.toMatchResult();
    Measure measure = Measure.of(parts.group(2));
    double bound = Quantity.parse(parts.group(4), Measure.unitOf(parts.group(2)));
    if (measure == Measure.PACKETS || measure == Measure.FLOWS || measure == Measure.PACKET_RATE) {
      Measure.doubt(parts.group(2), parts.group(4))
          .ifPresent(why -> {
            throw new IllegalArgumentException(why);
          });
    }
    return new TrafficLimit(
        Optional.ofNullable(parts.group(1)).map(String::strip),
        measure,
        Relation.of(parts.group(3)).orElseThrow(),
        bound,
        text.strip());
  }

  /// Whether it is for all policies together.
  public boolean ofTotal() {
    return policy.isPresent() && policy.get().equals(TOTAL);
  }

  /// Whether it is for the traffic that no policy matched.
  public boolean ofUnmatched() {
    return policy.isPresent() && policy.get().equals(UNMATCHED);
  }

  /// Whether it is exceeded; what is not known exceeds nothing.
  public boolean exceededBy(OptionalDouble value) {
    return value.isPresent() && relation.holds(value.getAsDouble(), bound);
  }
}
