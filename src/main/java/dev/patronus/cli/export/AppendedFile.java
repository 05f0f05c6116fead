package dev.patronus.cli.export;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileStatus;
import dev.patronus.output.file.Compression;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// A file of rows that an export adds to: its content is copied into the new file, which then takes
/// its place, so that it is never seen with half a batch.
///
/// Confined to one thread.
final class AppendedFile {
  private final Path file;

  /// The file as it was when the export began; empty if there was none.
  private final Optional<FileStatus> before;

  /// The bytes that the file begins with; rows that are added do not repeat them.
  private final byte[] head;

  private AppendedFile(Path file, Optional<FileStatus> before, byte[] head) {
    this.file = file;
    this.before = before;
    this.head = head;
  }

  /// @throws UserError if the file holds other columns, or does not end with a whole line
  static AppendedFile of(Path file, byte[] head) throws IOException {
    AppendedFile appended = new AppendedFile(file, FileStatus.of(file), head);
    if (appended.goesOn()) {
      appended.check();
    }
    return appended;
  }

  private boolean goesOn() {
    return before.filter(there -> there.size() > 0).isPresent();
  }

  private void check() throws IOException {
    try (InputStream in = content()) {
      if (!Arrays.equals(in.readNBytes(head.length), head)) {
        throw refused("has different columns");
      }
    }
    if (!Compression.isNamed(file) && !endsWithLine()) {
      throw refused("ends with an incomplete line");
    }
  }

  private InputStream content() throws IOException {
    InputStream plain = Files.newInputStream(file);
    return Compression.isNamed(file) ? new GZIPInputStream(plain) : plain;
  }

  private boolean endsWithLine() throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(before.orElseThrow().size() - 1);
      return in.read() == '\n';
    }
  }

  private UserError refused(String why) {
    return new UserError(
        ExitCode.REFUSED,
        file + " " + why + "; the file was not changed; use another file with --file");
  }

  /// Copies what is there.
  void copyTo(AtomicFile output) throws IOException {
    if (!goesOn()) {
      return;
    }
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = before.orElseThrow().size();
      for (long at = 0; at < size; ) {
        long copied = from.transferTo(at, size - at, output.channel());
        if (copied <= 0) {
          throw changed();
        }
        at += copied;
      }
    } catch (IOException e) {
      throw output.named(e);
    }
    output.channel().position(output.channel().size());
  }

  /// @throws UserError if somebody has written the file meanwhile
  void requireUnchanged() {
    Optional<FileStatus> now = FileStatus.of(file);
    if (!now.equals(before)) {
      throw changed();
    }
  }

  private UserError changed() {
    return new UserError(
        ExitCode.BUSY,
        file + " was changed by another program meanwhile; nothing was appended, try again");
  }

  /// The stream for the rows that are added.
  OutputStream rowsTo(OutputStream out) {
    return goesOn() ? new WithoutHead(out, head.length) : out;
  }

  /// Leaves out the first bytes.
  private static final class WithoutHead extends FilterOutputStream {
    private int left;

    WithoutHead(OutputStream out, int length) {
      super(out);
      this.left = length;
    }

    @Override
    public void write(int b) throws IOException {
      if (left > 0) {
        left--;
      } else {
        out.write(b);
      }
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      int skipped = Math.min(left, length);
      left -= skipped;
      out.write(bytes, from + skipped, length - skipped);
    }
  }
}
