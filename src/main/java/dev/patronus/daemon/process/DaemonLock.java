package dev.patronus.daemon.process;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.FileErrors;
import dev.patronus.file.FileStatus;
import dev.patronus.file.LockFile;
import dev.patronus.file.RefusedName;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;

/// Lock that allows one daemon per database: a file beside the database, whose lock the kernel
/// releases when the process ends.
///
/// The file holds the process id and is left behind. A database with several names (hard links) is
/// refused: SQLite keeps its log beside the name, so that two processes that use two names damage
/// it. The code that acquired the lock closes it.
public final class DaemonLock implements AutoCloseable {
  private final LockFile lock;

  private DaemonLock(LockFile lock) {
    this.lock = lock;
  }

  /// Takes the lock of a database.
  ///
  /// @throws UserError if another daemon works on the database, the database has another name, or
  ///   the lock cannot be taken
  public static DaemonLock acquire(Path database) {
    requireOneName(database);
    Path file = file(database);
    try {
      LockFile.Attempt attempt = LockFile.tryAcquire(file);
      return new DaemonLock(
          attempt
              .lock()
              .orElseThrow(() ->
                  new UserError(
                      ExitCode.REFUSED,
                      "another daemon"
                          + (attempt.holder().isEmpty()
                              ? ""
                              : " (process " + attempt.holder() + ")")
                          + " works on "
                          + database
                          + "; 'patronus status' asks it, stop it before you start another")));
    } catch (RefusedName e) {
      throw new UserError(ExitCode.REFUSED, "cannot lock " + database + ": " + e.getMessage(), e);
    } catch (AccessDeniedException e) {
      throw new UserError(ExitCode.FAILED, denied(file), e);
    } catch (IOException e) {
      throw new UserError(ExitCode.FAILED, "cannot lock " + file + ": " + FileErrors.reason(e), e);
    }
  }

  private static void requireOneName(Path database) {
    if (FileStatus.of(database).filter(file -> file.links() > 1).isPresent()) {
      throw new UserError(
          ExitCode.REFUSED,
          database
              + " is one of several names (hard links) of a file, and processes that use different"
              + " ones damage it; 'find -samefile "
              + database
              + "' lists them, remove all but one");
    }
  }

  private static String denied(Path file) {
    return FileStatus.ofName(file)
        .map(lock ->
            "cannot lock "
                + file
                + ": it belongs to user "
                + lock.owner()
                + "; run the daemon as that user, or remove the file while no daemon runs")
        .orElse(
            "cannot lock "
                + file
                + ": no permission to create it; check that this user may write to the folder");
  }

  /// The lock file of a database, the same through whatever link it was named.
  private static Path file(Path database) {
    Path real = database.toAbsolutePath();
    try {
      real = database.toRealPath();
    } catch (IOException _) {
      // opening the database will say what is wrong with it
    }
    return real.resolveSibling(real.getFileName() + "-patronus.lock");
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
