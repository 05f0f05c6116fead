package dev.patronus.source.conntrack;

import java.nio.ByteBuffer;

/// A walk over the attributes of a netlink message: length and type (16 bits each, in this
/// machine's byte order), value, padding to 32 bits.
///
/// ```java
/// Attributes attributes = new Attributes(bytes, from, end);
/// while (attributes.next()) {
///   switch (attributes.type()) { ... }
/// }
/// ```
///
/// Ends early where a length lies, and says so in [#damaged]. Confined to one thread. Source:
/// `linux/netlink.h`, struct nlattr.
final class Attributes {
  private static final int HEADER = 4;

  /// The two highest bits of a type are flags: nested, and network byte order.
  private static final int TYPE_MASK = 0x3fff;

  private final ByteBuffer bytes;
  private final int end;
  private int next;
  private int type;
  private int value;
  private int valueEnd;
  private boolean damaged;

  /// @param bytes in this machine's byte order
  /// @param from where the first attribute begins
  /// @param end where the last one ends
  Attributes(ByteBuffer bytes, int from, int end) {
    this.bytes = bytes;
    this.next = from;
    this.end = end;
  }

  /// Goes to the next attribute; false if there is none.
  boolean next() {
    if (end - next < HEADER) {
      return false;
    }
    int length = bytes.getShort(next) & 0xffff;
    if (length < HEADER || length > end - next) {
      damaged = true;
      return false;
    }
    type = bytes.getShort(next + 2) & TYPE_MASK;
    value = next + HEADER;
    valueEnd = next + length;
    next += length + 3 & ~3;
    return true;
  }

  /// Whether the walk ended because of a length that cannot be right.
  boolean damaged() {
    return damaged;
  }

  int type() {
    return type;
  }

  int length() {
    return valueEnd - value;
  }

  /// The attributes inside this one.
  Attributes nested() {
    return new Attributes(bytes, value, valueEnd);
  }

  int uint8() {
    return has(1) ? bytes.get(value) & 0xff : 0;
  }

  /// A number of 16 bits in network byte order.
  int uint16() {
    return has(2) ? (bytes.get(value) & 0xff) << 8 | (bytes.get(value + 1) & 0xff) : 0;
  }

  /// A number of 32 bits in network byte order.
  int int32() {
    return has(4) ? (int) network(value, 4) : 0;
  }

  /// A number of 64 bits in network byte order.
  long int64() {
    return has(8) ? network(value, 8) : 0;
  }

  /// The 64 bits, in network byte order, that begin `offset` bytes into a value of 128.
  long half(int offset) {
    return has(16) ? network(value + offset, 8) : 0;
  }

  /// Whether the value is long enough; if not, the walk counts as damaged.
  private boolean has(int count) {
    damaged |= length() < count;
    return length() >= count;
  }

  private long network(int at, int count) {
    long number = 0;
    for (int i = 0; i < count; i++) {
      number = number << 8 | (bytes.get(at + i) & 0xff);
    }
    return number;
  }
}
