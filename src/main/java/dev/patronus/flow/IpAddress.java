package dev.patronus.flow;

import java.nio.ByteBuffer;

/// An IPv4 or IPv6 address as 128 bits; IPv4 lies in `::ffff:0:0/96`, so that both compare and hash
/// alike.
///
/// Immutable. An IPv6 packet that really carries an address of `::ffff:0:0/96` is taken for IPv4,
/// as RFC 4291 §2.5.5.2 means it.
///
/// @param high the first 64 bits in network order
/// @param low the last 64 bits in network order
public record IpAddress(long high, long low) implements Comparable<IpAddress> {
  private static final long V4_PREFIX = 0xffffL << 32;

  /// The IPv4 address whose 32 bits, in network order, are `bits`.
  public static IpAddress v4(int bits) {
    return new IpAddress(0, V4_PREFIX | (bits & 0xffff_ffffL));
  }

  /// The IPv6 address of two halves in network order.
  public static IpAddress v6(long high, long low) {
    return new IpAddress(high, low);
  }

  /// The address of 4 or 16 bytes in network order.
  ///
  /// @throws IllegalArgumentException if there are more or fewer
  public static IpAddress of(byte... network) {
    ByteBuffer bytes = ByteBuffer.wrap(network);
    return switch (network.length) {
      case 4 -> v4(bytes.getInt());
      case 16 -> v6(bytes.getLong(), bytes.getLong());
      default ->
          throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + network.length);
    };
  }

  /// Reads an address as people write it: dotted quad, or IPv6 as in RFC 4291 §2.2. Host names,
  /// zones (`%eth0`), prefixes and octets with leading zeros are refused.
  ///
  /// @throws IllegalArgumentException that names the text, if it is no address
  public static IpAddress parse(String text) {
    return AddressText.parse(text);
  }

  /// Whether this is an IPv4 address.
  public boolean isV4() {
    return isV4(high, low);
  }

  /// Whether the address of these two halves is an IPv4 address.
  public static boolean isV4(long high, long low) {
    return high == 0 && (low >>> 32) == 0xffffL;
  }

  /// Unsigned order of the 128 bits.
  @Override
  public int compareTo(IpAddress other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /// The address as RFC 5952 writes it; dotted quad for IPv4.
  @Override
  public String toString() {
    return AddressText.format(high, low);
  }
}
