package dev.patronus.store.maintenance;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.FileRights;
import dev.patronus.file.FileStatus;
import dev.patronus.file.OutputTarget;
import dev.patronus.store.Database;
import dev.patronus.store.DatabaseOpener;
import dev.patronus.store.Pragma;
import dev.patronus.store.SqliteErrors;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.core.DB;

/// Copies a database while others use it, by SQLite's backup API (sqlite.org/backup.html).
///
/// Confined to the database's thread. The copy is the database as it was at one instant.
///
/// In WAL the copy is taken under one read transaction, which keeps nobody from writing. With a
/// rollback journal it is taken in steps, between which others write; a write begins the copy again
/// from the front. After [#RESTARTS_MAX] of those the copy holds the read lock until it is done:
/// then writers wait for it, which is better than a copy that never ends.
public final class Backup {
  static final int RESTARTS_MAX = 3;
  private static final int PAGES_PER_STEP = 1_000;
  private static final int BUSY_PAUSE_MILLIS = 50;

  /// A copy that was made.
  ///
  /// @param restarts how often a writer made it begin again
  public record Copy(Path file, long bytes, String journalMode, int restarts) {}

  /// Is told how far a copy is.
  @FunctionalInterface
  public interface Watcher {
    /// So much of the copy is there.
    ///
    /// @param share from 0 to 1; it falls where the copy begins again
    void copied(long pages, double share);
  }

  private final Database source;
  private final Watcher watcher;
  private int restarts;
  private int remainingBefore = Integer.MAX_VALUE;
  private int pagesSeen;
  private boolean held;

  public Backup(Database source, Watcher watcher) {
    this.source = source;
    this.watcher = watcher;
  }

  /// Makes the copy. It is there whole and checked, or not at all.
  ///
  /// @param replace whether an earlier copy that has the name already gives way
  /// @throws UserError if the name is taken, the folder is missing, the disk is full, the database
  ///   is locked, or the copy is damaged
  public Copy to(Path file, boolean replace) {
    try (DatabaseDraft copy =
        DatabaseDraft.begin(
            file,
            new OutputTarget("").apartFromDatabase(source.file()),
            rights(),
            replace,
            "choose another name, or add --force to replace it")) {
      copy(copy);
      copy.hold();
      check(copy);
      copy.hold();
      copy.publish();
    }
    String mode = source.journalMode();
    return new Copy(file, FileStatus.of(file).map(FileStatus::size).orElse(0L), mode, restarts);
  }

  private FileRights rights() {
    return FileStatus.of(source.file()).map(FileRights::copyOf).orElse(FileRights.STATE);
  }

  /// @throws UserError if the copy does not have all pages: SQLite tells that by a number alone
  private void copy(DatabaseDraft draft) {
    int code = copyPages(draft.path());
    if (code != SQLiteErrorCode.SQLITE_OK.code) {
      throw SqliteErrors.translate(
          draft.target(), DB.newSQLException(code, "the copy is not whole"));
    }
  }

  private int copyPages(Path draft) {
    return source.read(open -> {
      if (Pragma.text(open, "journal_mode").equals("wal")) {
        hold();
      }
      try {
        return ((SQLiteConnection) open)
            .getDatabase()
            .backup(
                "main",
                draft.toString(),
                this::step,
                BUSY_PAUSE_MILLIS,
                (int) (source.busyTimeout().toMillis() / BUSY_PAUSE_MILLIS),
                PAGES_PER_STEP);
      } finally {
        release();
      }
    });
  }

  private void step(int remaining, int pages) {
    if (remaining >= remainingBefore) { // no step forward: it began again
      restarts++;
      if (restarts >= RESTARTS_MAX && !held) {
        holdQuietly();
      }
    }
    remainingBefore = remaining;
    pagesSeen = pages;
    watcher.copied(pages - remaining, pages == 0 ? 1 : 1 - (double) remaining / pages);
  }

  /// Called from within the copy, where nothing may be thrown: without the lock it goes on as
  /// before.
  private void holdQuietly() {
    try {
      hold();
    } catch (SQLException _) {
      held = false;
    }
  }

  /// Begins a read transaction; a bare `BEGIN` would wait for the first read.
  private void hold() throws SQLException {
    source.execute("BEGIN");
    held = true;
    try (Statement statement = source.connection().createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM sqlite_master")) {
      row.next();
    }
  }

  private void release() throws SQLException {
    if (held) {
      source.execute("COMMIT");
      held = false;
    }
  }

  /// Reads the whole copy once, without SQLite's own files beside it.
  private void check(DatabaseDraft draft) {
    try (Connection copy = DatabaseOpener.connectAlone(draft.path())) {
      String found =
          Pragma.text(copy, "quick_check(1)")
              .lines()
              .filter(line -> !line.startsWith("***")) // SQLite's headings
              .collect(Collectors.joining(" "));
      if (Pragma.number(copy, "page_count") != pagesSeen) {
        throw new UserError(
            ExitCode.FAILED,
            "the copy is incomplete and was deleted; check the free space in "
                + draft.target().getParent()
                + "?");
      }
      if (!found.equals("ok")) {
        throw new UserError(
            ExitCode.UNUSABLE_DATABASE,
            "the copy is damaged, and so is the database: "
                + found
                + "; 'patronus db check' says more");
      }
    } catch (SQLException e) {
      throw SqliteErrors.translate(draft.target(), e);
    }
  }
}
