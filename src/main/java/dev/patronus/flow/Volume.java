package dev.patronus.flow;

/// How much was seen: packets, and their IP bytes (IP header and all after it).
///
/// Immutable; never negative. Sums that leave 63 bits throw [ArithmeticException].
public record Volume(long packets, long bytes) {
  public static final Volume ZERO = new Volume(0, 0);

  public Volume {
    if (packets < 0) {
      throw new IllegalArgumentException("packets must not be negative, was " + packets);
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes must not be negative, was " + bytes);
    }
  }

  public Volume plus(Volume other) {
    return new Volume(Math.addExact(packets, other.packets), Math.addExact(bytes, other.bytes));
  }
}
