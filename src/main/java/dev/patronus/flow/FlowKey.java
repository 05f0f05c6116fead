package dev.patronus.flow;

/// The one-way 5-tuple that names a flow.
///
/// Immutable. Addresses are kept as their halves (see [IpAddress]), so that a key is one object.
/// For ICMP the source port is 0 and the destination port `type << 8 | code`; for a fragment
/// without ports, and for protocols that have none, both are 0.
///
/// @param protocol the IP protocol number: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6
public record FlowKey(
    long srcHigh, long srcLow, long dstHigh, long dstLow, int srcPort, int dstPort, int protocol) {

  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMPV6 = 58;

  public FlowKey {
    if ((srcPort & ~0xffff) != 0) {
      throw new IllegalArgumentException("source port must be 0..65535, was " + srcPort);
    }
    if ((dstPort & ~0xffff) != 0) {
      throw new IllegalArgumentException("destination port must be 0..65535, was " + dstPort);
    }
    if ((protocol & ~0xff) != 0) {
      throw new IllegalArgumentException("protocol must be 0..255, was " + protocol);
    }
  }

  /// The key of a flow from `src` to `dst`.
  public static FlowKey of(IpAddress src, int srcPort, IpAddress dst, int dstPort, int protocol) {
    return new FlowKey(src.high(), src.low(), dst.high(), dst.low(), srcPort, dstPort, protocol);
  }

  /// The key of the opposite direction. For ICMP it is not the key of the reply: an echo reply has
  /// another type.
  public FlowKey reversed() {
    return new FlowKey(dstHigh, dstLow, srcHigh, srcLow, dstPort, srcPort, protocol);
  }

  public IpAddress src() {
    return new IpAddress(srcHigh, srcLow);
  }

  public IpAddress dst() {
    return new IpAddress(dstHigh, dstLow);
  }

  @Override
  public int hashCode() {
    long h = srcHigh * 0x9E3779B97F4A7C15L + srcLow;
    h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L + dstHigh;
    h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L + dstLow;
    h =
        (h ^ h >>> 32) * 0xD6E8FEB86659FD93L
            + ((long) srcPort << 24 | (long) dstPort << 8 | protocol);
    h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L;
    return (int) (h ^ h >>> 32);
  }
}
