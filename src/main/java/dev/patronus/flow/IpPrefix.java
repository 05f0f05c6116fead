package dev.patronus.flow;

import java.util.Objects;

/// A block of addresses: those that share the first bits (`10.0.0.0/8`, `2001:db8::/32`).
///
/// Immutable. An IPv4 block contains only IPv4 addresses, an IPv6 block may contain `::ffff:0:0/96`
/// and with it them.
///
/// @param first the lowest address of the block; bits beyond the prefix are zero
/// @param bits how many of the 128 bits are shared: 96 more than what is written for IPv4
public record IpPrefix(IpAddress first, int bits) {
  /// Every address, IPv4 and IPv6.
  public static final IpPrefix ALL = new IpPrefix(new IpAddress(0, 0), 0);

  private static final int V4_BITS = 96;

  public IpPrefix {
    Objects.requireNonNull(first, "first");
    if (bits < 0 || bits > 128) {
      throw new IllegalArgumentException("prefix length must be 0..128, was " + bits);
    }
    first = new IpAddress(first.high() & highMask(bits), first.low() & lowMask(bits));
  }

  /// Reads `ADDRESS/LENGTH`, or an address alone for a block of one. Bits of the address beyond the
  /// length are ignored, as routers do.
  ///
  /// @throws IllegalArgumentException that names the text, if it is none
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return new IpPrefix(IpAddress.parse(text), 128);
    }
    IpAddress address = IpAddress.parse(text.substring(0, slash));
    int most = address.isV4() && text.indexOf(':') < 0 ? 32 : 128;
    return new IpPrefix(address, length(text, slash + 1, most) + (128 - most));
  }

  private static int length(String text, int from, int most) {
    String digits = text.substring(from);
    boolean number = digits.matches("0|[1-9][0-9]{0,2}");
    if (!number || Integer.parseInt(digits) > most) {
      throw new IllegalArgumentException(
          "prefix length must be 0.." + most + ", was '" + digits + "' in '" + text + "'");
    }
    return Integer.parseInt(digits);
  }

  /// The highest address of the block.
  public IpAddress last() {
    return new IpAddress(first.high() | ~highMask(bits), first.low() | ~lowMask(bits));
  }

  /// Whether it is a block of IPv4 addresses.
  public boolean isV4() {
    return bits >= V4_BITS && first.isV4();
  }

  public boolean contains(IpAddress address) {
    return contains(address.high(), address.low());
  }

  /// Whether the address of these two halves lies in the block.
  public boolean contains(long high, long low) {
    return (high & highMask(bits)) == first.high() && (low & lowMask(bits)) == first.low();
  }

  private static long highMask(int bits) {
    return bits >= 64 ? -1 : mask(bits);
  }

  private static long lowMask(int bits) {
    return bits <= 64 ? 0 : mask(bits - 64);
  }

  private static long mask(int bits) {
    return bits == 0 ? 0 : -1L << (64 - bits);
  }

  @Override
  public String toString() {
    return first + "/" + (isV4() ? bits - V4_BITS : bits);
  }
}
