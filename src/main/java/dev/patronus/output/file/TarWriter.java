package dev.patronus.output.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;

/// Writes an archive of regular files in the format ustar of POSIX.1-1988 (tar(5)).
///
/// ```text
///   name 100 | mode 8 | uid 8 | gid 8 | size 12 | mtime 12 | checksum 8 | type 1 | link 100
///   | ustar 8 | user 32 | group 32 | devices 16 | prefix 155 | padding 12
/// ```
///
/// Numbers are octal texts. Content is padded to blocks of 512 bytes, and two empty blocks end the
/// archive. Confined to one thread; it does not close the stream.
public final class TarWriter {
  private static final int BLOCK = 512;
  private static final int NAME_MAX = 100;
  private static final int CHECKSUM = 148;

  private final OutputStream out;
  private final Instant time;

  /// @param time the time of change of each file
  public TarWriter(OutputStream out, Instant time) {
    this.out = out;
    this.time = time;
  }

  /// Adds a file, readable by its owner alone.
  ///
  /// @param name of at most 100 ASCII characters
  public void add(String name, byte[] content) throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.US_ASCII);
    if (nameBytes.length == 0 || nameBytes.length > NAME_MAX) {
      throw new IllegalArgumentException("a name has 1.." + NAME_MAX + " bytes, was " + name);
    }
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000600\0" + "0000000\0" + "0000000\0");
    put(header, 124, octal(content.length) + "\0" + octal(time.getEpochSecond()) + "\0");
    put(header, CHECKSUM, "        0"); // counts as blanks; then the type of a regular file
    put(header, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte each : header) {
      sum += Byte.toUnsignedInt(each);
    }
    put(header, CHECKSUM, String.format(Locale.ROOT, "%06o\0 ", sum));
    out.write(header);
    out.write(content);
    out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
  }

  /// Ends the archive.
  public void finish() throws IOException {
    out.write(new byte[2 * BLOCK]);
  }

  private static String octal(long number) {
    return String.format(Locale.ROOT, "%011o", number);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
