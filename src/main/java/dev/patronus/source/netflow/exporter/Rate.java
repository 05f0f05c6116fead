package dev.patronus.source.netflow.exporter;

/// How many packets one sampled packet stands for, and who said so.
///
/// Immutable. Two numbers, because "2 of every 5" is a rate too.
///
/// @param population so many packets went by
/// @param sample so many of them were sampled
public record Rate(long population, long sample, Origin origin) {
  /// Who said it, in the order in which they are believed.
  public enum Origin {
    /// The configuration, for this exporter: this and nothing else.
    CORRECTION("configured"),
    /// The administrator: this and nothing else.
    OVERRIDE("set by option"),
    /// The flow record itself (IE 34).
    RECORD("in each record"),
    /// The options of the sampler that the flow record names (IE 48, 302).
    SAMPLER("options of its sampler"),
    /// The options of the observation domain (IE 34, 50, 305, 309).
    OPTIONS("options of its domain"),
    /// The header of the datagram (NetFlow v5).
    HEADER("in the header"),
    /// The administrator, for exporters that say nothing.
    DEFAULT("default by option"),
    /// The configuration, for all exporters that say nothing.
    DEFAULT_OF_ALL("configured default"),
    /// Nobody: each packet counts once.
    NONE("not announced");

    private final String words;

    Origin(String words) {
      this.words = words;
    }

    /// For people.
    public String words() {
      return words;
    }
  }

  /// The most that is believed; a larger announcement is garbage.
  public static final long LIMIT = 1L << 32;

  /// Each packet counts once.
  public static final Rate NONE = new Rate(1, 1, Origin.NONE);

  public Rate {
    if (sample < 1 || population < sample || population > LIMIT) {
      throw new IllegalArgumentException(
          "rate must be 1 to " + LIMIT + ", was " + population + " in " + sample);
    }
  }

  /// Whether these numbers are a rate: 0, as some exporters send it, is none.
  public static boolean isRate(long population, long sample) {
    return sample >= 1 && population >= sample && population <= LIMIT;
  }

  /// Whether the administrator said it, whatever the exporter says.
  public boolean isOverride() {
    return origin == Origin.CORRECTION || origin == Origin.OVERRIDE;
  }

  /// Whether volumes have to be scaled.
  public boolean isSampled() {
    return population != sample;
  }

  /// What so many sampled packets or bytes stand for, rounded down.
  ///
  /// @throws ArithmeticException if it is beyond 63 bits
  public long scale(long sampled) {
    return Math.multiplyExact(sampled, population) / sample;
  }

  /// The part of a packet that [#scale] rounds away, 0 to less than 1.
  double fraction(long sampled) {
    return (double) (Math.multiplyExact(sampled, population) % sample) / sample;
  }

  /// The same numbers, said by somebody else.
  Rate saidBy(Origin other) {
    return new Rate(population, sample, other);
  }

  /// As people write it: `1:100`, `2:5`.
  @Override
  public String toString() {
    return sample + ":" + population;
  }
}
