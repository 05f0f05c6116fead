package dev.patronus.store;

import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// SQLite's result codes as sentences with an exit code and a next step (sqlite.org/rescode.html).
public final class SqliteErrors {
  private static final int PRIMARY = 0xff;

  private SqliteErrors() {}

  /// The extended result code; 0 if the error is not SQLite's own.
  public static int code(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        return sqlite.getResultCode().code;
      }
      if (cause instanceof SQLException sql && sql.getErrorCode() != 0) {
        return sql.getErrorCode();
      }
    }
    return 0;
  }

  /// Whether the error's primary result code is this one.
  public static boolean is(Throwable error, SQLiteErrorCode code) {
    return (code(error) & PRIMARY) == code.code;
  }

  /// Whether the database is damaged.
  public static boolean isDamage(Throwable error) {
    return is(error, SQLiteErrorCode.SQLITE_CORRUPT);
  }

  static boolean isBusy(Throwable error) {
    return is(error, SQLiteErrorCode.SQLITE_BUSY) || is(error, SQLiteErrorCode.SQLITE_LOCKED);
  }

  /// What SQLite said, without the driver's decoration.
  public static String reason(Throwable error) {
    Throwable cause = error;
    while (!(cause instanceof SQLException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = ErrorText.of(cause);
    int open = message.lastIndexOf('(');
    return message.startsWith("[SQLITE_") && open > 0 && message.endsWith(")")
        ? message.substring(open + 1, message.length() - 1)
        : message;
  }

  /// The same where the file could not even be opened, so that no command can examine it.
  static UserError translateOpening(Path file, Throwable error) {
    return isDamage(error)
        ? new UserError(
            ExitCode.UNUSABLE_DATABASE,
            file + " is damaged (" + reason(error) + "); " + rescue(file),
            error)
        : translate(file, error);
  }

  public static UserError translate(Path file, Throwable error) {
    return switch (code(error) & PRIMARY) {
      case 5, 6 ->
          new UserError(
              ExitCode.BUSY,
              "the database " + file + " is locked by another program; try again",
              error);
      case 11 ->
          new UserError(
              ExitCode.UNUSABLE_DATABASE,
              file
                  + " is damaged ("
                  + reason(error)
                  + "); 'patronus db check' says what is damaged and what to do about it",
              error);
      case 26 ->
          new UserError(ExitCode.UNUSABLE_DATABASE, file + " is not a SQLite database", error);
      case 14 ->
          new UserError(
              ExitCode.UNUSABLE_DATABASE,
              "cannot open " + file + ": the file or its folder may not be accessed by this user",
              error);
      case 8 -> readOnly(file, error);
      case 13 -> full(file, error);
      case 9 -> new UserError(ExitCode.INTERRUPTED, "interrupted", error);
      case 10 -> inputOutput(file, error);
      default ->
          new UserError(ExitCode.FAILED, "the database " + file + ": " + reason(error), error);
    };
  }

  /// SQLite says the same of the database's disk, of the one for temporary files, and of a limit on
  /// the number of pages.
  private static UserError full(Path file, Throwable error) {
    return new UserError(
        ExitCode.FAILED,
        DiskSpace.isShort(file)
            ? DiskSpace.full(file)
            : "there is no space for this in "
                + file
                + ": look at the disk for temporary files with 'df -h /var/tmp', and at the limit"
                + " that 'PRAGMA max_page_count' shows",
        error);
  }

  private static UserError inputOutput(Path file, Throwable error) {
    return new UserError(
        ExitCode.FAILED,
        DiskSpace.isShort(file)
            ? DiskSpace.full(file)
            : "reading or writing "
                + file
                + " failed: "
                + reason(error)
                + "; see what the system says about its disk: 'dmesg | tail'",
        error);
  }

  /// What a file that may not be written is met with.
  ///
  /// @param cause null where SQLite was not asked
  static UserError readOnly(Path file, @Nullable Throwable cause) {
    return new UserError(
        ExitCode.FAILED,
        "cannot write to "
            + file
            + ": it, or its folder, is read-only for this user; "
            + (isRoot()
                ? "root is refused where the file system is read-only or the file immutable: see"
                    + " 'findmnt -T "
                    + file
                    + "' and 'lsattr "
                    + file
                    + "'"
                : "run it as root, or as one who may write there"),
        cause);
  }

  /// Whether this process is root's already: `/proc/self` belongs to its effective user (proc(5)).
  static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  /// What to do about damage that is not in an index alone.
  public static String rescue(Path file) {
    return "restore a backup, or rescue what is left with '"
        + SqliteShell.command(file, ".recover").replace("'", "")
        + "'";
  }
}
