package dev.patronus.file;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The rule for the name of a file that a user has a command write.
///
/// A command never writes over the database in use, what SQLite and the daemon keep beside one,
/// another SQLite file, a folder, a device, a socket, a FIFO, or a file that another option of the
/// same call names. Files are compared by device and number, so that links and other spellings are
/// recognised, and a file that this process has open is not opened a second time: closing it would
/// drop the locks of SQLite.
///
/// A symbolic link is followed if it belongs to root or to the user of this process, and refused
/// otherwise.
///
/// Not thread-safe.
public final class OutputTarget {
  private static final byte[] SQLITE = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  /// What lies beside a database under its name.
  private static final List<String> BESIDE = List.of("-wal", "-shm", "-journal", "-patronus.lock");

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");
  private static final int LINKS_MAX = 40;

  private record Taken(String what, Path file) {}

  private final List<Taken> taken = new ArrayList<>();
  private final String option;
  private final String another;
  private boolean databasesAllowed;

  /// @param option the option that names the file: `--file`; empty where an argument does
  public OutputTarget(String option) {
    this.option = option;
    this.another = "name another file" + (option.isEmpty() ? "" : " with " + option);
  }

  /// Refuses the database in use and all that belongs to it.
  public OutputTarget apartFromDatabase(Path database) {
    return apartFrom("the database", database);
  }

  /// Refuses a file that something else of the same call names, and what lies beside a database of
  /// that name.
  ///
  /// @param what as messages say it: `the state of --since-last`
  public OutputTarget apartFrom(String what, Path file) {
    taken.add(new Taken(what, file.toAbsolutePath().normalize()));
    return this;
  }

  /// Lets a database give way that is not in use here: a copy may replace the copy before.
  public OutputTarget overDatabases() {
    databasesAllowed = true;
    return this;
  }

  /// The file that is to be written, symbolic links followed.
  ///
  /// @throws UserError if it must not be written, or cannot
  public Path resolve(Path named) {
    Path target = followed(named);
    Path folder = target.getParent();
    Optional<FileStatus> there = FileStatus.of(target);
    if (folder == null || there.filter(FileStatus::isFolder).isPresent()) {
      throw new UserError(ExitCode.REFUSED, named + " is a folder; name a file in it");
    }
    if (!Files.isDirectory(folder)) {
      throw new UserError(
          ExitCode.FAILED,
          "there is no folder " + folder + "; make it with 'mkdir -p " + folder + "'");
    }
    there.ifPresent(file -> refuseKind(named, file));
    taken.forEach(other -> refuse(other, named, target, there));
    refuseBesideDatabase(named, target);
    there.ifPresent(file -> refuseContent(named, target, file));
    return target;
  }

  /// Refuses a file that is there already.
  ///
  /// @param next what to do instead: `add --force to replace it`
  /// @throws UserError if it is
  public static void requireFree(Path target, String next) {
    if (FileStatus.ofName(target).isPresent()) {
      throw taken(target, next, null);
    }
  }

  /// The error where a name is taken.
  public static UserError taken(Path target, String next, @Nullable IOException e) {
    return new UserError(
        ExitCode.REFUSED, target + " exists already, and is left as it is; " + next, e);
  }

  /// The error where a file cannot be written.
  public static UserError cannotWrite(Path target, IOException e) {
    return new UserError(
        ExitCode.FAILED,
        FullDisk.isReason(e)
            ? FullDisk.message(target)
            : "cannot write " + target + ": " + FileErrors.reason(e),
        e);
  }

  private void refuse(Taken other, Path named, Path target, Optional<FileStatus> there) {
    if (isSame(target, there, other.file())) {
      throw new UserError(
          other.what().startsWith("the database") ? ExitCode.REFUSED : ExitCode.USAGE,
          named + " is " + other.what() + " itself; " + another);
    }
    for (String ending : BESIDE) {
      if (isSame(target, there, beside(other.file(), ending))) {
        throw new UserError(
            ExitCode.REFUSED, named + " belongs to " + other.what() + "; " + another);
      }
    }
  }

  private static boolean isSame(Path target, Optional<FileStatus> there, Path other) {
    Optional<FileStatus> found = FileStatus.of(other);
    if (there.isPresent() && found.isPresent()) {
      return there.get().isSameFile(found.get());
    }
    return target.equals(other) || target.equals(real(other));
  }

  /// A file that would be taken for a log of another database spoils that.
  private void refuseBesideDatabase(Path named, Path target) {
    String name = target.getFileName().toString();
    for (String ending : BESIDE) {
      if (name.length() > ending.length() && name.endsWith(ending)) {
        Path database = target.resolveSibling(name.substring(0, name.length() - ending.length()));
        if (FileStatus.of(database).isPresent()) {
          throw new UserError(ExitCode.REFUSED, named + " belongs to " + database + "; " + another);
        }
      }
    }
  }

  private void refuseKind(Path named, FileStatus file) {
    if (!file.isRegular()) {
      throw new UserError(
          ExitCode.REFUSED,
          named
              + " is "
              + file.kind()
              + ", not a file; "
              + (option.startsWith("-")
                  ? "leave out " + option + ", and redirect the output there"
                  : another));
    }
  }

  private void refuseContent(Path named, Path target, FileStatus file) {
    if (isOpenHere(file)) {
      throw new UserError(
          ExitCode.REFUSED, named + " is in use by this command itself; " + another);
    }
    if (!databasesAllowed && isDatabase(target)) {
      throw new UserError(
          ExitCode.REFUSED, named + " is a SQLite database, and is left as it is; " + another);
    }
  }

  /// Whether this process has the file open: by the descriptors, which are inspected and not
  /// opened.
  private static boolean isOpenHere(FileStatus file) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(OPEN_FILES)) {
      for (Path descriptor : all) {
        if (FileStatus.of(descriptor).filter(file::isSameFile).isPresent()) {
          return true;
        }
      }
      return false;
    } catch (IOException _) {
      return false; // without /proc nothing can be checked
    }
  }

  private static boolean isDatabase(Path target) {
    try (InputStream in = Files.newInputStream(target, LinkOption.NOFOLLOW_LINKS)) {
      return Arrays.equals(in.readNBytes(SQLITE.length), SQLITE);
    } catch (IOException _) {
      return false; // what cannot be read cannot be recognised
    }
  }

  /// Follows the links of a name, each of which must belong to root or to this user.
  private static Path followed(Path named) {
    Path path = named.toAbsolutePath();
    int followed = 0;
    Path found = path.getRoot();
    for (int i = 0; i < path.getNameCount(); i++) {
      found = found.resolve(path.getName(i)).normalize();
      Optional<FileStatus> status = FileStatus.ofName(found);
      if (status.filter(FileStatus::isLink).isPresent()) {
        requireTrusted(named, found, status.get());
        followed++;
        Path to = linkTarget(found, named);
        Path rest = i + 1 < path.getNameCount() ? path.subpath(i + 1, path.getNameCount()) : null;
        path = found.resolveSibling(to);
        path = rest == null ? path : path.resolve(rest);
        found = path.getRoot();
        i = -1;
        if (followed > LINKS_MAX) {
          throw new UserError(ExitCode.REFUSED, named + " leads through too many symbolic links");
        }
      }
    }
    return found;
  }

  private static void requireTrusted(Path named, Path link, FileStatus status) {
    if (status.owner() != 0 && !AtomicFile.isOurs(status)) {
      throw untrusted(named, link);
    }
    if (status.owner() != 0 && isRoot()) {
      throw untrusted(named, link);
    }
  }

  private static UserError untrusted(Path named, Path link) {
    return new UserError(
        ExitCode.REFUSED,
        link
            + " is a symbolic link of another user, and is not followed; name the file that "
            + named
            + " means");
  }

  private static boolean isRoot() {
    return FileStatus.of(Path.of("/proc/self")).filter(self -> self.owner() == 0).isPresent();
  }

  private static Path linkTarget(Path link, Path named) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      throw cannotWrite(named, e);
    }
  }

  private static Path real(Path file) {
    Path folder = file.getParent();
    if (folder == null) {
      return file;
    }
    try {
      return folder.toRealPath().resolve(file.getFileName());
    } catch (IOException _) {
      return file;
    }
  }

  private static Path beside(Path file, String ending) {
    Path real = real(file);
    try {
      real = file.toRealPath();
    } catch (IOException _) {
      // there is no such file yet
    }
    return real.resolveSibling(real.getFileName() + ending);
  }
}
