package dev.patronus.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What stat(2) says about a file, without opening it.
///
/// Immutable. Two names belong to the same file if [#isSameFile] says so, whatever they are called:
/// symbolic links, hard links and bind mounts included.
///
/// @param device the number of the device
/// @param inode the number of the file on that device
/// @param links how many names the file has (hard links)
/// @param owner the user's number
/// @param group the group's number
/// @param mode kind and permissions, as st_mode in inode(7)
/// @param size in bytes
public record FileStatus(
    long device, long inode, int links, int owner, int group, int mode, long size) {
  private static final int KIND = 0170000;
  private static final int REGULAR = 0100000;
  private static final int FOLDER = 0040000;
  private static final int LINK = 0120000;
  private static final int SOCKET = 0140000;
  private static final int FIFO = 0010000;
  private static final int PERMISSIONS = 07777;

  /// The status of the file that a name leads to, symbolic links followed; empty if there is none,
  /// or none that this user may access.
  public static Optional<FileStatus> of(Path name) {
    return read(name);
  }

  /// The status of what has this name itself, be it a symbolic link; empty as with [#of].
  public static Optional<FileStatus> ofName(Path name) {
    return read(name, LinkOption.NOFOLLOW_LINKS);
  }

  private static Optional<FileStatus> read(Path name, LinkOption... options) {
    try {
      Map<String, Object> unix =
          Files.readAttributes(name, "unix:dev,ino,nlink,uid,gid,mode,size", options);
      return Optional.of(
          new FileStatus(
              value(unix, "dev", Long.class),
              value(unix, "ino", Long.class),
              value(unix, "nlink", Integer.class),
              value(unix, "uid", Integer.class),
              value(unix, "gid", Integer.class),
              value(unix, "mode", Integer.class),
              value(unix, "size", Long.class)));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static <T> T value(Map<String, Object> unix, String name, Class<T> type) {
    return Objects.requireNonNull(type.cast(unix.get(name)), name);
  }

  public boolean isSameFile(FileStatus other) {
    return device == other.device && inode == other.inode;
  }

  public boolean isRegular() {
    return (mode & KIND) == REGULAR;
  }

  public boolean isFolder() {
    return (mode & KIND) == FOLDER;
  }

  public boolean isLink() {
    return (mode & KIND) == LINK;
  }

  /// The permissions alone: `0640`.
  public int permissions() {
    return mode & PERMISSIONS;
  }

  /// The kind in words: `a device`.
  String kind() {
    return switch (mode & KIND) {
      case REGULAR -> "a file";
      case FOLDER -> "a folder";
      case LINK -> "a symbolic link";
      case SOCKET -> "a socket";
      case FIFO -> "a FIFO";
      default -> "a device";
    };
  }
}
