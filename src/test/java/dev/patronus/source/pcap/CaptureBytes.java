package dev.patronus.source.pcap;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bytes of a capture in the making, in either byte order, field by field.
final class CaptureBytes {
  /// A packet to UDP port `port` of 28 IP bytes, behind an Ethernet header.
  static byte[] packet(int port) {
    return new Frame().ethernet(0x0800).ipv4(17, 28).ports(1000, port).zeros(4).bytes();
  }

  private final ByteOrder order;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  CaptureBytes(ByteOrder order) {
    this.order = order;
  }

  private static ByteBuffer buffer(int size, ByteOrder order) {
    return ByteBuffer.allocate(size).order(order);
  }

  CaptureBytes u16(int... values) {
    for (int value : values) {
      bytes.writeBytes(buffer(2, order).putShort((short) value).array());
    }
    return this;
  }

  CaptureBytes u32(long... values) {
    for (long value : values) {
      bytes.writeBytes(buffer(4, order).putInt((int) value).array());
    }
    return this;
  }

  CaptureBytes u64(long value) {
    bytes.writeBytes(buffer(8, order).putLong(value).array());
    return this;
  }

  CaptureBytes raw(byte... more) {
    bytes.writeBytes(more);
    return this;
  }

  /// The header of a classic capture file.
  CaptureBytes pcap(long magic, int linkType) {
    return u32(magic).u16(2, 4).u32(0, 0, 262_144, linkType);
  }

  /// A record of a classic capture.
  CaptureBytes record(long seconds, long fraction, byte... packet) {
    return u32(seconds, fraction, packet.length, packet.length).raw(packet);
  }

  /// A block of pcapng.
  CaptureBytes block(int type, CaptureBytes body) {
    byte[] content = body.bytes();
    int padded = content.length + 3 & ~3;
    u32(type, padded + 12L).raw(content).raw(new byte[padded - content.length]);
    return u32(padded + 12L);
  }

  /// Another piece in the same byte order.
  CaptureBytes piece() {
    return new CaptureBytes(order);
  }

  CaptureBytes section() {
    return block(0x0a0d0d0a, piece().u32(0x1a2b3c4d).u16(1, 0).u64(-1));
  }

  /// An interface without options.
  CaptureBytes anInterface(int linkType) {
    return anInterface(linkType, piece());
  }

  CaptureBytes anInterface(int linkType, CaptureBytes options) {
    return block(1, piece().u16(linkType, 0).u32(262_144).raw(options.bytes()));
  }

  /// An interface whose time has the given resolution and offset.
  CaptureBytes timedInterface(int linkType, int resolution, long offset) {
    CaptureBytes options = piece().u16(2, 3).raw((byte) 'e', (byte) 't', (byte) 'h', (byte) 0);
    options.u16(9, 1).raw((byte) resolution, (byte) 0, (byte) 0, (byte) 0);
    return anInterface(linkType, options.u16(14, 8).u64(offset).u16(0, 0));
  }

  CaptureBytes enhanced(int onInterface, long timestamp, byte... packet) {
    CaptureBytes body = piece().u32(onInterface, timestamp >>> 32, timestamp);
    return block(6, body.u32(packet.length, packet.length).raw(packet));
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}
