package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/// The platform's database, open in this process.
///
/// Confined to one thread. Foreign keys are on; SQLite waits [#BUSY_TIMEOUT] for a lock; the
/// journal mode stays as it was found. The code that opened it closes it.
///
/// What reads uses plain JDBC ([RowReader]); what changes rows uses JDBI ([#handle()]), which is
/// loaded with the first change, since that takes a short command as long as all else it does.
public final class Database implements AutoCloseable {
  /// The default timeout for locks of other programs; the same as the platform's own.
  public static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

  private static final int COMMIT_ATTEMPTS = 3;

  /// The states of the gate that every commit passes: no commit runs, one runs or has run, or
  /// commits are blocked for good.
  private enum CommitGate {
    OPEN,
    COMMITTING,
    CLOSED
  }

  /// Work on the database that gives a value.
  @FunctionalInterface
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /// Work within one transaction that gives a value.
  @FunctionalInterface
  public interface Change<T> {
    T in(Transaction transaction) throws SQLException;
  }

  private final Path file;
  private final Connection connection;
  private final boolean writable;
  private final boolean immutable;
  private final Duration busyTimeout;
  private final AtomicReference<CommitGate> commitGate = new AtomicReference<>(CommitGate.OPEN);
  private final Optional<Object> fileKey;
  private @Nullable Handle handle;
  private @Nullable Schema schema;
  private boolean removesLog;

  /// @param immutable whether it is a database in WAL that is read without its log, which is empty
  Database(
      Path file, Connection connection, boolean writable, boolean immutable, Duration busyTimeout) {
    this.file = file;
    this.connection = connection;
    this.writable = writable;
    this.immutable = immutable;
    this.busyTimeout = busyTimeout;
    this.fileKey = OpenFiles.added(file);
  }

  /// Rejects a file to which this process has a connection, before it is opened other than by
  /// SQLite: closing it would release the locks of that connection. Safe from any thread.
  ///
  /// @param needed what the file should have been: "configuration file"
  /// @throws UserError if it is such a file, under any name
  public static void requireNotOpen(Path file, String needed) {
    if (isOpen(file)) {
      throw new UserError(
          ExitCode.REFUSED, file + " is the database that is in use, not a " + needed);
    }
  }

  /// Whether this process has a connection to the file, by whatever name. Safe from any thread.
  public static boolean isOpen(Path file) {
    return OpenFiles.contains(file);
  }

  /// Opens a database for reading; nothing is changed, not even by SQLite itself, unless a crashed
  /// writer left a journal that must be rolled back first.
  ///
  /// @throws UserError if the file is missing, no database of the platform, damaged or busy
  public static Database openReadOnly(Path file) {
    return openReadOnly(file, BUSY_TIMEOUT);
  }

  /// The same with another timeout for the locks of other programs, including while opening.
  public static Database openReadOnly(Path file, Duration busyTimeout) {
    return DatabaseOpener.open(file, false, busyTimeout);
  }

  /// Opens a database for changes. It is never created.
  ///
  /// @throws UserError if the file is missing, no database of the platform, damaged or busy
  public static Database openWritable(Path file) {
    return openWritable(file, BUSY_TIMEOUT);
  }

  /// The same with another timeout for the locks of other programs, including while opening.
  public static Database openWritable(Path file, Duration busyTimeout) {
    return DatabaseOpener.open(file, true, busyTimeout);
  }

  /// Another connection to the same file, for reading on another thread, which an interrupt of that
  /// thread keeps from waiting for locks. It closes by itself.
  ///
  /// @return empty if it cannot be opened, or if the file's name is another file's by now
  public Optional<Database> another() {
    Database other;
    try {
      other = DatabaseOpener.openAnother(file, immutable, busyTimeout);
      LockWait.on(other.connection, busyTimeout);
      other.removesLog = removesLog;
    } catch (SQLException _) {
      return Optional.empty();
    }
    if (fileKey.isPresent() && other.fileKey.equals(fileKey)) {
      return Optional.of(other);
    }
    other.close();
    return Optional.empty();
  }

  /// Loads the driver and its native library in advance. Failures are ignored, because opening a
  /// database reports them.
  public static void warmUp() {
    try {
      DatabaseOpener.warmUp();
    } catch (SQLException | LinkageError _) {
      // reported when a database is opened
    }
  }

  public Path file() {
    return file;
  }

  public Connection connection() {
    return connection;
  }

  /// JDBI on the same connection and within its transactions.
  public Handle handle() {
    if (handle == null) {
      handle = LeanJdbi.on(connection);
    }
    return handle;
  }

  /// The journal mode of the file, also when SQLite reads it without its log and reports another
  /// mode.
  public String journalMode() {
    return immutable ? "wal" : read(open -> Pragma.text(open, "journal_mode"));
  }

  /// Which tables and columns there are; read once, and again after a migration.
  public Schema schema() {
    if (schema == null) {
      schema = read(Schema::read);
    }
    return schema;
  }

  void forgetSchema() {
    schema = null;
  }

  /// Prepares for the next of several commands, so that changes of other programs are seen.
  public void refresh() {
    forgetSchema();
  }

  /// Makes an interrupt of the thread end SQLite's current work on this connection at once,
  /// including a wait for a lock. Short operations such as a commit or a rollback are never
  /// interrupted.
  public Database interruptible() {
    return read(open -> {
      InterruptHandler.watch(open, () -> false);
      LockWait.on(open, busyTimeout);
      return this;
    });
  }

  /// Reads, statement by statement. For a read of several statements that must agree, see
  /// [#readAtOnce].
  ///
  /// @throws UserError where SQLite refuses
  public <T> T read(Work<T> work) {
    try {
      return work.on(connection);
    } catch (SQLException | JdbiException e) {
      throw SqliteErrors.translate(file, e);
    }
  }

  /// Reads within one short read transaction, so that all statements see the same database.
  public <T> T readAtOnce(Work<T> work) {
    return read(open -> {
      execute("BEGIN");
      try {
        return work.on(open);
      } finally {
        execute("COMMIT");
      }
    });
  }

  /// Changes the database completely or not at all: one `BEGIN IMMEDIATE` transaction in which the
  /// change and its audit row are written. Missing tables of ours are created first. SQLite
  /// enforces the foreign keys; a change that deletes from the platform's tables checks them again.
  ///
  /// @param actor who makes the change
  /// @param now the instant of the change
  /// @throws UserError where SQLite refuses; then nothing was changed
  public <T> T write(Actor actor, Instant now, Change<T> change) {
    try {
      return writePart(actor, now, change);
    } catch (UserError e) {
      throw unchanged(e);
    }
  }

  /// Adds "nothing was changed" to an error for which that is not obvious.
  public static UserError unchanged(UserError e) {
    return e.exitCode() == ExitCode.INTERRUPTED || SqliteErrors.is(e, SQLiteErrorCode.SQLITE_FULL)
        ? new UserError(e.exitCode(), e.getMessage() + "; nothing was changed", e)
        : e;
  }

  /// The same for one of several transactions of a task, which reports itself what was changed.
  public <T> T writePart(Actor actor, Instant now, Change<T> change) {
    return transact(
        transaction -> {
          Migration.apply(this);
          return change.in(transaction);
        },
        new Transaction(this, actor, now));
  }

  /// The same without a migration, for what only prunes or must not make tables.
  public <T> T writeAsIs(Actor actor, Instant now, Change<T> change) {
    return transact(change, new Transaction(this, actor, now));
  }

  /// Acquires and releases the write lock; nothing is changed.
  ///
  /// @throws UserError if another process holds it longer than the timeout, or the file is not
  ///   writable
  public void probeLock() {
    // SQLite starts a transaction even on a read-only file
    if (!Files.isWritable(file) || !Files.isWritable(file.toAbsolutePath().getParent())) {
      throw SqliteErrors.readOnly(file, null);
    }
    read(_ -> {
      execute("BEGIN IMMEDIATE");
      execute("ROLLBACK");
      return true;
    });
  }

  private <T> T transact(Change<T> change, Transaction transaction) {
    if (!writable) {
      throw new IllegalStateException(file + " was opened for reading only");
    }
    boolean committed = false;
    commitGate.compareAndSet(CommitGate.COMMITTING, CommitGate.OPEN);
    try {
      execute("BEGIN IMMEDIATE");
      try {
        T value = change.in(transaction);
        commit();
        committed = true;
        return value;
      } finally {
        if (!committed) {
          commitGate.compareAndSet(CommitGate.COMMITTING, CommitGate.OPEN);
          rollBack();
          forgetSchema();
        }
      }
    } catch (SQLException | JdbiException e) {
      throw SqliteErrors.translate(file, e);
    }
  }

  /// Blocks all further commits, because the process ends. Safe from any thread.
  ///
  /// @return false if a change is being committed, or has been committed and no other has begun
  ///   since
  public boolean blockCommits() {
    return commitGate.compareAndSet(CommitGate.OPEN, CommitGate.CLOSED)
        || commitGate.get() == CommitGate.CLOSED;
  }

  /// Commits; retries a few times if a reader blocks the commit of a rollback journal, since the
  /// transaction survives that.
  private void commit() throws SQLException {
    if (!commitGate.compareAndSet(CommitGate.OPEN, CommitGate.COMMITTING)) {
      throw new UserError(ExitCode.INTERRUPTED, "interrupted");
    }
    for (int attempt = 1; ; attempt++) {
      try {
        execute("COMMIT");
        return;
      } catch (SQLException e) {
        if (attempt == COMMIT_ATTEMPTS || !SqliteErrors.isBusy(e)) {
          throw e;
        }
      }
    }
  }

  /// Rolls back what was not committed. SQLite may have done so by itself; that is no error.
  private void rollBack() {
    try {
      execute("ROLLBACK");
    } catch (SQLException _) {
      // no transaction is open any more
    }
  }

  /// How long a lock of another program is waited for.
  public Duration busyTimeout() {
    return busyTimeout;
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /// Has the files that a reader of a database in WAL makes removed when it is closed.
  void removeLogWhenClosed() {
    removesLog = true;
  }

  @Override
  public void close() {
    try {
      if (!connection.isClosed()) {
        connection.close();
        if (removesLog && DatabaseOpener.hasLogFile(file)) {
          DatabaseOpener.removeLog(file);
        }
        fileKey.ifPresent(OpenFiles::removed);
      }
    } catch (SQLException e) {
      throw new UserError(
          ExitCode.FAILED, "cannot close " + file + ": " + SqliteErrors.reason(e), e);
    }
  }
}
