package dev.patronus.source.netflow.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Numbers as they lie in a datagram: big-endian, unsigned unless said otherwise.
///
/// Reading past the array throws [IndexOutOfBoundsException]; the caller checks the bounds.
public final class Wire {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Wire() {}

  public static int u8(byte[] bytes, int at) {
    return bytes[at] & 0xff;
  }

  public static int u16(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at) & 0xffff;
  }

  /// 32 bits as they are: a negative number for the upper half.
  public static int i32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  public static long u32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at) & 0xffff_ffffL;
  }

  /// 64 bits as they are: a negative number for the upper half.
  public static long i64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  /// An integer of 1 to 8 bytes (RFC 7011 §6.2, reduced-size encoding); negative if it is beyond 63
  /// bits.
  public static long integer(byte[] bytes, int at, int length) {
    return switch (length) {
      case 4 -> u32(bytes, at);
      case 8 -> i64(bytes, at);
      case 2 -> u16(bytes, at);
      case 1 -> u8(bytes, at);
      default -> oddInteger(bytes, at, length);
    };
  }

  private static long oddInteger(byte[] bytes, int at, int length) {
    long value = 0;
    for (int i = at; i < at + length; i++) {
      value = value << 8 | u8(bytes, i);
    }
    return value;
  }
}
