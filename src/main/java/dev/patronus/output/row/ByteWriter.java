package dev.patronus.output.row;

import dev.patronus.output.text.Decimal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Text and numbers as UTF-8 bytes, gathered in one buffer before they are written.
///
/// Confined to one thread. It does not own the stream: who opened that closes it, after [#flush()].
public final class ByteWriter {
  private static final int SIZE = 1 << 16;
  private static final int LONGEST_NUMBER = 20;

  /// Below this, a number of thousandths has at most 15 digits, and so no shorter text means the
  /// same double.
  private static final double THOUSANDTHS_EXACT = 1e15;

  /// The two digits of each number below 100, one after the other.
  private static final byte[] PAIRS = pairs();

  private final OutputStream out;
  private final byte[] buffer = new byte[SIZE];
  private int used;
  private final SecondText seconds = new SecondText();

  public ByteWriter(OutputStream out) {
    this.out = out;
  }

  public void flush() throws IOException {
    drain();
    out.flush();
  }

  private void drain() throws IOException {
    out.write(buffer, 0, used);
    used = 0;
  }

  private void ensure(int bytes) throws IOException {
    if (SIZE - used < bytes) {
      drain();
    }
  }

  /// Writes one ASCII character.
  void ascii(char c) throws IOException {
    ensure(1);
    buffer[used++] = (byte) c;
  }

  /// Writes text that is known to be ASCII.
  @SuppressWarnings("deprecation") // getBytes(int,int,byte[],int) copies ASCII without a detour
  void ascii(String text) throws IOException {
    int length = text.length();
    if (length > SIZE) {
      utf8(text);
      return;
    }
    ensure(length);
    text.getBytes(0, length, buffer, used);
    used += length;
  }

  /// Writes text; what is no valid UTF-16 becomes `?`.
  void utf8(String text) throws IOException {
    bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  void bytes(byte[] bytes) throws IOException {
    bytes(bytes, 0, bytes.length);
  }

  /// Writes some of the bytes of an array.
  void bytes(byte[] bytes, int from, int length) throws IOException {
    if (length > SIZE - used) {
      drain();
      if (length > SIZE) {
        out.write(bytes, from, length);
        return;
      }
    }
    System.arraycopy(bytes, from, buffer, used, length);
    used += length;
  }

  /// Writes a signed number in decimal.
  void number(long value) throws IOException {
    ensure(LONGEST_NUMBER);
    if (value < 0) {
      negative(value);
      return;
    }
    int digits = digits(value);
    int at = used + digits;
    long large = value;
    while (large > Integer.MAX_VALUE) {
      long rest = large / 100;
      at -= 2;
      pair((int) (large - rest * 100), at);
      large = rest;
    }
    int small = (int) large;
    while (small >= 10) {
      int rest = small / 100;
      at -= 2;
      pair(small - rest * 100, at);
      small = rest;
    }
    if (at > used) {
      buffer[used] = (byte) ('0' + small);
    }
    used += digits;
  }

  private void pair(int number, int at) {
    buffer[at] = PAIRS[2 * number];
    buffer[at + 1] = PAIRS[2 * number + 1];
  }

  private static byte[] pairs() {
    byte[] pairs = new byte[200];
    for (int i = 0; i < 100; i++) {
      pairs[2 * i] = (byte) ('0' + i / 10);
      pairs[2 * i + 1] = (byte) ('0' + i % 10);
    }
    return pairs;
  }

  /// Writes an unsigned number in decimal.
  void unsigned(long value) throws IOException {
    if (value >= 0) {
      number(value);
      return;
    }
    long quotient = Long.divideUnsigned(value, 10);
    number(quotient);
    ascii((char) ('0' + (value - quotient * 10)));
  }

  /// Writes a finite number, as [Decimal] does. Those with at most three digits behind the point,
  /// which most are, need no text between.
  public void decimal(double value) throws IOException {
    double thousandths = Math.rint(value * 1000);
    if (Math.abs(thousandths) < THOUSANDTHS_EXACT && thousandths / 1000 == value) {
      thousandths((long) thousandths);
    } else {
      ascii(Decimal.text(value));
    }
  }

  private void thousandths(long value) throws IOException {
    if (value < 0) {
      ascii('-');
    }
    long magnitude = Math.abs(value);
    int fraction = (int) (magnitude % 1000);
    number(magnitude / 1000);
    ascii('.');
    ascii((char) ('0' + fraction / 100));
    if (fraction % 100 != 0) {
      ascii((char) ('0' + fraction / 10 % 10));
    }
    if (fraction % 10 != 0) {
      ascii((char) ('0' + fraction % 10));
    }
  }

  /// Writes an instant as RFC 3339 in UTC.
  void time(long epochSecond) throws IOException {
    bytes(seconds.of(epochSecond));
  }

  private void negative(long value) throws IOException {
    if (value == Long.MIN_VALUE) {
      ascii("-9223372036854775808");
    } else {
      buffer[used++] = '-';
      number(-value);
    }
  }

  private static int digits(long value) {
    int digits = 1;
    for (long bound = 10; digits < 19 && value >= bound; bound *= 10) {
      digits++;
    }
    return digits;
  }
}
