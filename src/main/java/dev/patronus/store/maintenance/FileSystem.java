package dev.patronus.store.maintenance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The mounted file system that a file lies on, as the kernel names it (proc_pid_mountinfo(5)).
///
/// Immutable.
///
/// @param type as in mountinfo: `ext4`, `nfs4`, `fuse.sshfs`
/// @param mountPoint where it is mounted
public record FileSystem(String type, Path mountPoint) {
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  /// File systems that several machines may use at once: the shared memory of WAL reaches one
  /// machine only, and locks are often not those of the other machines (sqlite.org/wal.html,
  /// sqlite.org/howtocorrupt.html section 2.1).
  private static final Set<String> SHARED =
      Set.of(
          "9p",
          "afs",
          "ceph",
          "cifs",
          "drvfs",
          "gfs2",
          "lustre",
          "ncpfs",
          "nfs",
          "nfs4",
          "ocfs2",
          "smb3",
          "smbfs",
          "vboxsf",
          "virtiofs");

  private static final Pattern SHARED_BY_FUSE =
      Pattern.compile("fuse\\.(sshfs|s3fs|rclone|glusterfs|ceph.*|vmhgfs.*|smbnetfs|davfs.*)");

  private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

  public FileSystem {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(mountPoint, "mountPoint");
  }

  /// The file system of a file; empty where the kernel does not say.
  public static Optional<FileSystem> of(Path file) {
    try {
      return of(file.toRealPath(), Files.readAllLines(MOUNTS));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// The last one that is mounted on the longest part of the path.
  ///
  /// @param file an absolute path without symbolic links
  /// @param mounts the lines of mountinfo
  static Optional<FileSystem> of(Path file, List<String> mounts) {
    FileSystem found = null;
    for (String line : mounts) {
      String[] halves = line.split(" - ", 2);
      String[] fields = halves[0].split(" ", -1);
      if (halves.length == 2 && fields.length > 4) {
        Path point = Path.of(unescaped(fields[4]));
        boolean longer = found == null || point.getNameCount() >= found.mountPoint().getNameCount();
        if (file.startsWith(point) && longer) {
          found = new FileSystem(halves[1].split(" ", 2)[0], point);
        }
      }
    }
    return Optional.ofNullable(found);
  }

  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(found ->
            java.util.regex.Matcher.quoteReplacement(
                Character.toString(Integer.parseInt(found.group(1), 8))));
  }

  /// Whether several machines may use it at once, so that WAL is unsafe there.
  public boolean isShared() {
    return SHARED.contains(type) || SHARED_BY_FUSE.matcher(type).matches();
  }

  /// What is wrong with a database there, in a sentence.
  public String problem() {
    return "the database is on "
        + type
        + " (mounted at "
        + mountPoint
        + "): with WAL, or with programs on several machines, it gets damaged there";
  }

  /// What to do where the platform has another database on this machine; `%s` is its file.
  public static final String OTHER_DATABASE =
      "if the platform works with that one, set 'db = %s' in /etc/patronus/patronus.conf";

  /// What to do about [#problem].
  public static final String REMEDY =
      "move it to a disk of this machine, and copy it elsewhere with 'patronus db backup'";
}
