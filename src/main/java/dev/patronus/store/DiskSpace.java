package dev.patronus.store;

import dev.patronus.file.FullDisk;
import dev.patronus.output.text.HumanFormat;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The room on the disk that holds a database, and what the database takes of it.
public final class DiskSpace {
  /// Below this a change of ordinary size may fail, and so may the index that readers of a database
  /// in WAL share (32 KiB).
  private static final long SHORT_BYTES = 4 << 20;

  private DiskSpace() {}

  /// The room on a disk.
  ///
  /// @param left the bytes that this user may still use
  /// @param total the bytes of the disk
  public record Room(long left, long total) {}

  /// The room on the disk of a database; empty if unknown.
  public static Optional<Room> room(Path file) {
    try {
      FileStore disk = Files.getFileStore(file.toAbsolutePath().getParent());
      return Optional.of(new Room(disk.getUsableSpace(), disk.getTotalSpace()));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// Whether hardly anything is left on the disk of a database.
  static boolean isShort(Path file) {
    long left = left(file);
    return left >= 0 && left < SHORT_BYTES;
  }

  /// What to say where the disk is full.
  static String full(Path file) {
    return FullDisk.message(file, HumanFormat.bytes(left(file)));
  }

  /// Bytes that this user may still use; negative if unknown.
  private static long left(Path file) {
    return room(file).map(Room::left).orElse(-1L);
  }

  /// How many bytes a database takes on its disk, its log included.
  public static long taken(Path file) {
    return size(file) + size(file.resolveSibling(file.getFileName() + "-wal"));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException _) {
      return 0; // there is none
    }
  }
}
