package dev.patronus.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Text and numbers as UTF-8 bytes, gathered in one buffer before they are written.
///
/// Confined to one thread. It does not own the stream: who opened that closes it, after [#flush()].
final class ByteWriter {
  private static final int SIZE = 1 << 16;
  private static final int LONGEST_NUMBER = 20;

  private final OutputStream out;
  private final byte[] buffer = new byte[SIZE];
  private int used;

  ByteWriter(OutputStream out) {
    this.out = out;
  }

  void flush() throws IOException {
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
    if (bytes.length > SIZE - used) {
      drain();
      if (bytes.length > SIZE) {
        out.write(bytes);
        return;
      }
    }
    System.arraycopy(bytes, 0, buffer, used, bytes.length);
    used += bytes.length;
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
    long rest = value;
    do {
      long tenth = rest / 10;
      buffer[--at] = (byte) ('0' + (int) (rest - tenth * 10));
      rest = tenth;
    } while (rest != 0);
    used += digits;
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
