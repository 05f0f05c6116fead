package dev.patronus.source.pcap;

import dev.patronus.flow.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// The bytes of a packet in the making, header by header.
///
/// ```java
/// byte[] frame = new Frame().hex("0200..0800").ipv4(17, 28).ports(53, 53).zeros(4).bytes();
/// ```
final class Frame {
  static final String SRC = "10.0.0.1";
  static final String DST = "10.0.0.2";
  static final String SRC6 = "2001:db8::1";
  static final String DST6 = "2001:db8::2";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /// Bytes as hexadecimal digits; blanks are for the reader.
  Frame hex(String digits) {
    bytes.writeBytes(HexFormat.of().parseHex(digits.replace(" ", "")));
    return this;
  }

  Frame raw(byte... more) {
    bytes.writeBytes(more);
    return this;
  }

  Frame zeros(int count) {
    bytes.writeBytes(new byte[count]);
    return this;
  }

  Frame u8(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  Frame u16(int... values) {
    for (int value : values) {
      u8(value >>> 8, value);
    }
    return this;
  }

  Frame u32(long value) {
    return u16((int) (value >>> 16), (int) value);
  }

  /// Two addresses and a type.
  Frame ethernet(int type) {
    return hex("020000000002 020000000001").u16(type);
  }

  /// An IPv4 header without options.
  ///
  /// @param total the total length that it claims
  Frame ipv4(int protocol, int total) {
    return ipv4(protocol, total, 0, "");
  }

  /// An IPv4 header.
  ///
  /// @param fragment flags and offset as in the header: 0x2000 more, then units of 8 bytes
  /// @param options their digits, of whole 32-bit words
  Frame ipv4(int protocol, int total, int fragment, String options) {
    u8(0x45 + options.length() / 8, 0).u16(total, 7, fragment).u8(64, protocol).u16(0);
    return address(SRC).address(DST).hex(options);
  }

  /// An IPv6 header.
  ///
  /// @param next the number of the header after it
  /// @param payload the payload length that it claims
  Frame ipv6(int next, int payload) {
    u32(0x60000000L).u16(payload).u8(next, 64);
    return address(SRC6).address(DST6);
  }

  /// The first 4 bytes of a TCP or UDP header.
  Frame ports(int src, int dst) {
    return u16(src, dst);
  }

  private Frame address(String text) {
    IpAddress address = IpAddress.parse(text);
    ByteBuffer halves = ByteBuffer.allocate(16);
    halves.putLong(address.high()).putLong(address.low());
    int from = address.isV4() ? 12 : 0;
    bytes.write(halves.array(), from, 16 - from);
    return this;
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}
