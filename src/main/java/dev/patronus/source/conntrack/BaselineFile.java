package dev.patronus.source.conntrack;

import dev.patronus.flow.Volume;
import dev.patronus.source.conntrack.ConntrackEntry.Counted;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/// What was last seen of the kernel's table, kept over a restart of the program.
///
/// ```text
///   magic u64 | whose table: boot id and namespace, as text | number of entries u32
///   entry: identity u64 | packets u64 | bytes u64 | packets of the reply u64 | bytes u64
///   CRC-32 of all before it u64
/// ```
///
/// The file is written beside its name and renamed, without waiting for the disk: it is of no use
/// after a power cut, since the kernel's table is then gone as well. A file of another boot or
/// another network namespace, or one that is damaged, is as good as none.
final class BaselineFile {
  private static final long MAGIC = 0x50_61_74_72_43_54_00_01L;

  private final Path file;
  private final String table;

  /// @param table whose entries they are, so that no other machine's are taken for them
  BaselineFile(Path file, String table) {
    this.file = file;
    this.table = table;
  }

  /// The name of this boot's table in this network namespace.
  static String thisTable() throws IOException {
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    return boot + " " + Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
  }

  /// Writes what a table remembers.
  void save(ConntrackTable entries) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    CheckedOutputStream checked =
        new CheckedOutputStream(
            new BufferedOutputStream(Files.newOutputStream(beside)), new CRC32());
    try (DataOutputStream out = new DataOutputStream(checked)) {
      out.writeLong(MAGIC);
      out.writeUTF(table);
      out.writeInt(entries.size());
      entries.forEach((identity, counted) -> write(out, identity, counted));
      out.writeLong(checked.getChecksum().getValue());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(DataOutputStream out, long identity, Counted counted) {
    try {
      out.writeLong(identity);
      out.writeLong(counted.original().packets());
      out.writeLong(counted.original().bytes());
      out.writeLong(counted.reply().packets());
      out.writeLong(counted.reply().bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads what an earlier run remembered into an empty table.
  ///
  /// @return whether there was something; if not, the table is as it was
  boolean restore(ConntrackTable into) throws IOException {
    try {
      return isWhole() && read(into);
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  /// Whether the file is of this table, and nothing in it has changed since it was written.
  private boolean isWhole() throws IOException {
    try (CheckedInputStream checked = new CheckedInputStream(open(), new CRC32());
        DataInputStream in = new DataInputStream(checked)) {
      if (in.readLong() != MAGIC || !in.readUTF().equals(table)) {
        return false;
      }
      in.skipNBytes(5L * Long.BYTES * Integer.toUnsignedLong(in.readInt()));
      long checksum = checked.getChecksum().getValue();
      return in.readLong() == checksum && in.read() < 0;
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException _) {
      return false; // cut off, or text that is none
    }
  }

  private boolean read(ConntrackTable into) throws IOException {
    try (DataInputStream in = new DataInputStream(open())) {
      in.readLong();
      in.readUTF();
      for (int left = in.readInt(); left > 0; left--) {
        long identity = in.readLong();
        Volume original = new Volume(in.readLong(), in.readLong());
        into.restore(identity, new Counted(original, new Volume(in.readLong(), in.readLong())));
      }
    }
    return true;
  }

  private InputStream open() throws IOException {
    return new BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }
}
