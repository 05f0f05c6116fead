package dev.patronus.source.netflow;

import dev.patronus.file.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32;

/// The file that stores templates and sampling rates for the next run.
///
/// ```
/// "PTPL"  version 4  length of the rest 4  CRC-32 of the rest 4  the rest: see [DecoderStateCodec]
/// ```
///
/// Written beside its name and renamed, so that there is never half a file. Not synced: after a
/// power cut an older file, or none, costs nothing that the exporters do not send again. Safe from
/// any thread: one lock around the file.
public final class TemplateFile {
  private static final int MAGIC = 0x5054504c;
  private static final int VERSION = 1;
  private static final int HEADER = 16;

  /// The largest file that is read.
  static final int MOST_BYTES = 64 << 20;

  private final Path file;

  /// A store in that file, which need not exist; its folder must, once something is to be saved.
  public TemplateFile(Path file) {
    this.file = file;
  }

  /// The store of a source in a folder of state.
  ///
  /// @param source the name of the source, which becomes part of the file's name
  public static TemplateFile in(Path stateFolder, String source) {
    return new TemplateFile(
        stateFolder.resolve(source.replaceAll("[^A-Za-z0-9.]+", "-") + ".templates"));
  }

  public Path file() {
    return file;
  }

  /// The last saved state; empty if there is no file.
  ///
  /// @throws IOException if the file cannot be read or is damaged
  synchronized byte[] load() throws IOException {
    AtomicFile.requireFile(file);
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException(file + " is too large for a template file");
      }
      return content(ByteBuffer.wrap(Files.readAllBytes(file)));
    } catch (NoSuchFileException _) {
      return new byte[0];
    }
  }

  private byte[] content(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() < HEADER || bytes.getInt() != MAGIC || bytes.getInt() != VERSION) {
      throw new IOException(file + " is not a template file that this version can read");
    }
    int length = bytes.getInt();
    int sum = bytes.getInt();
    byte[] content = new byte[bytes.remaining()];
    bytes.get(content);
    if (length != content.length || sum != sum(content)) {
      throw new IOException(file + " is damaged");
    }
    return content;
  }

  /// Replaces what was saved before.
  synchronized void save(byte[] content) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER + content.length);
    bytes.putInt(MAGIC).putInt(VERSION).putInt(content.length).putInt(sum(content)).put(content);
    try (AtomicFile fresh = AtomicFile.beginState(file)) {
      fresh.write(bytes.flip());
      fresh.commitUnsynced();
    }
  }

  /// Removes the file, if there is one.
  synchronized void delete() throws IOException {
    boolean _ = AtomicFile.deleteOwn(file);
  }

  private static int sum(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return (int) crc.getValue();
  }
}
