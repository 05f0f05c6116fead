package dev.patronus.source.netflow;

import dev.patronus.flow.IpAddress;
import java.io.ByteArrayOutputStream;

/// Bytes in the making, big-endian: `octets().ip("10.0.0.1").u16(443).u64(1500)`.
public final class Octets {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  public static Octets octets() {
    return new Octets();
  }

  public Octets u8(int value) {
    return number(value, 1);
  }

  public Octets u16(int value) {
    return number(value, 2);
  }

  public Octets u32(long value) {
    return number(value, 4);
  }

  public Octets u64(long value) {
    return number(value, 8);
  }

  /// An integer of so many bytes.
  public Octets number(long value, int length) {
    for (int i = length - 1; i >= 0; i--) {
      bytes.write(i >= 8 ? 0 : (int) (value >>> (8 * i)));
    }
    return this;
  }

  public Octets ip(String text) {
    IpAddress address = IpAddress.parse(text);
    return address.isV4() ? u32(address.low()) : u64(address.high()).u64(address.low());
  }

  public Octets raw(byte... more) {
    bytes.writeBytes(more);
    return this;
  }

  public Octets add(Octets more) {
    return raw(more.bytes());
  }

  /// A value of variable length as RFC 7011 §7 writes it: short ones with one byte of length.
  public Octets variable(byte... value) {
    return (value.length < 255 ? u8(value.length) : u8(255).u16(value.length)).raw(value);
  }

  public int size() {
    return bytes.size();
  }

  public byte[] bytes() {
    return bytes.toByteArray();
  }
}
