package dev.patronus.store;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteOpenMode;

/// Opens database files, and reports in one sentence why a file cannot be used.
public final class DatabaseOpener {
  /// Where the platform's dashboard and its containers have their database, and we have ours.
  private static final List<String> OTHERS =
      List.of(
          "dashboard.db",
          "/var/lib/patronus/sdwan.db",
          "/var/lib/patronus/dashboard.db",
          "/data/dashboard.db");

  private final Path file;
  private final boolean writable;
  private final Duration busyTimeout;

  private DatabaseOpener(Path file, boolean writable, Duration busyTimeout) {
    this.file = file;
    this.writable = writable;
    this.busyTimeout = busyTimeout;
  }

  static Database open(Path file, boolean writable, Duration busyTimeout) {
    return new DatabaseOpener(file, writable, busyTimeout).open();
  }

  /// A new and empty one, which nobody else can hold.
  public static Database create(Path file) throws SQLException {
    DatabaseOpener made = new DatabaseOpener(file, true, Database.BUSY_TIMEOUT);
    return new Database(file, made.connect(true, false), true, false, Database.BUSY_TIMEOUT);
  }

  /// A further connection for reading, to a file that was opened before.
  static Database openAnother(Path file, boolean immutable, Duration busyTimeout)
      throws SQLException {
    DatabaseOpener opener = new DatabaseOpener(file, false, busyTimeout);
    return new Database(file, opener.connect(false, immutable), false, immutable, busyTimeout);
  }

  /// To a file that nobody else has: nothing is written beside it, not even by SQLite.
  public static Connection connectAlone(Path file) throws SQLException {
    return new DatabaseOpener(file, false, Database.BUSY_TIMEOUT).connect(false, true);
  }

  /// Whether a file that nobody else has is a Patronus database: nothing is written beside it.
  public static boolean isPatronus(Path file) {
    try (Connection connection = connectAlone(file)) {
      requirePatronus(file, Schema.read(connection));
      return true;
    } catch (SQLException | UserError _) {
      return false;
    }
  }

  private Database open() {
    requireFile(file);
    boolean addsLog = !writable && !hasLogFile(file);
    try {
      Database database = checked(false);
      if (addsLog) {
        database.removeLogWhenClosed();
      }
      return database;
    } catch (SQLException e) {
      return openDespite(e);
    }
  }

  /// Whether the log of a database in WAL is there, be it empty.
  static boolean hasLogFile(Path file) {
    return Files.exists(beside(file, "-wal"));
  }

  /// Lets SQLite remove the log and its index, which a reader made and could not remove: the last
  /// connection that closes does so, and only if it may write. Where others have the database open,
  /// or it cannot be written, they stay.
  static void removeLog(Path file) {
    if (!Files.isWritable(file)) {
      return;
    }
    DatabaseOpener opener = new DatabaseOpener(file, true, Duration.ZERO);
    try (Connection connection = opener.connect(true, false)) {
      long _ = Pragma.number(connection, "schema_version"); // opens the log
    } catch (SQLException _) {
      // somebody else has it, and removes the log at their end
    }
  }

  /// Opens what SQLite refused at first, where the reason is one that passes: a journal that a
  /// crashed writer left must be rolled back by a writer; a WAL database in a folder that we may
  /// not write has no place for its index, and is safe to read as it stands where it has no log.
  private Database openDespite(SQLException refusal) {
    try {
      if (!writable && mayBeRecovered(refusal, file)) {
        recover();
        return checked(false);
      }
      if (!writable && lacksIndex(refusal) && !hasLog(file)) {
        return checked(true);
      }
    } catch (SQLException e) {
      throw SqliteErrors.translateOpening(file, e);
    }
    if (!writable && lacksIndex(refusal) && !lacksDiskSpace(refusal)) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE,
          "cannot read "
              + file
              + ": it is in WAL, and readers need to write beside it; "
              + (SqliteErrors.isRoot()
                  ? "its folder refuses even root: see 'findmnt -T " + file + "'"
                  : "run it as root, or as one who may write to that folder"),
          refusal);
    }
    throw SqliteErrors.translateOpening(file, refusal);
  }

  /// Whether SQLite could not make, or not open, what a reader of a WAL database needs beside it.
  private static boolean lacksIndex(SQLException refusal) {
    return SqliteErrors.is(refusal, SQLiteErrorCode.SQLITE_CANTOPEN)
        || SqliteErrors.is(refusal, SQLiteErrorCode.SQLITE_READONLY)
        || lacksDiskSpace(refusal);
  }

  /// Whether the disk was full.
  private static boolean lacksDiskSpace(SQLException refusal) {
    int code = SqliteErrors.code(refusal);
    return code == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE.code
        || code == SQLiteErrorCode.SQLITE_IOERR_SHMMAP.code;
  }

  /// Lets SQLite roll back what a crashed writer left, which the first read does.
  private void recover() throws SQLException {
    try (Connection connection = connect(true, false)) {
      Schema.read(connection);
    }
  }

  private static boolean mayBeRecovered(SQLException refusal, Path file) {
    boolean journal =
        Files.exists(beside(file, "-journal")) || SqliteErrors.code(refusal) == 264; // RECOVERY
    boolean refused =
        SqliteErrors.is(refusal, SQLiteErrorCode.SQLITE_READONLY)
            || SqliteErrors.is(refusal, SQLiteErrorCode.SQLITE_CANTOPEN);
    return journal && refused && Files.isWritable(file);
  }

  private static boolean hasLog(Path file) {
    try {
      Path log = beside(file, "-wal");
      return Files.exists(log) && Files.size(log) > 0;
    } catch (IOException _) {
      return true;
    }
  }

  private static Path beside(Path file, String ending) {
    return file.resolveSibling(file.getFileName() + ending);
  }

  /// Refuses by its name and attributes alone what cannot be a database.
  ///
  /// The file itself is opened by SQLite and by nothing else: closing any other descriptor of it
  /// releases every lock that this process holds on it (fcntl(2); sqlite.org/howtocorrupt.html,
  /// section 2.2), and another program may then remove the log that a connection is writing to.
  private static void requireFile(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      if (found.isDirectory()) {
        throw unusable(file, "is a folder, not a database file");
      }
      if (!found.isRegularFile()) {
        throw unusable(file, "is a device, a pipe or a socket, not a database file");
      }
      if (found.size() == 0) {
        throw unusable(
            file, "is an empty file, not a database; remove it, and 'patronus db init' makes one");
      }
      if (!Files.isReadable(file)) {
        throw new AccessDeniedException(file.toString());
      }
    } catch (AccessDeniedException e) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE,
          "no permission to read " + file + "; run it as its owner, or join its group",
          e);
    } catch (NoSuchFileException e) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE,
          "no database at "
              + file
              + "; name it with --db or PATRONUS_DB_PATH"
              + others(file)
              + ", or make one with 'patronus db init'",
          e);
    } catch (IOException e) {
      throw unusable(file, "cannot be read: " + e.getMessage());
    }
  }

  /// The files of other common names that are there.
  private static String others(Path missing) {
    String found =
        common().stream()
            .filter(other -> !other.equals(missing.toAbsolutePath()))
            .map(other -> "'" + other + "'")
            .collect(Collectors.joining(" and "));
    return found.isEmpty() ? "" : " (there is " + found + ")";
  }

  private static List<Path> common() {
    return OTHERS.stream()
        .map(Path::of)
        .filter(Files::isRegularFile)
        .map(Path::toAbsolutePath)
        .toList();
  }

  /// The databases of the platform's common names that are there beside this one: a daemon that
  /// counts into one of them changes nothing in the others.
  public static List<Path> othersThan(Path file) {
    return common().stream().filter(other -> !isSame(other, file)).toList();
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException _) {
      return false;
    }
  }

  private static UserError unusable(Path file, String why) {
    return new UserError(ExitCode.UNUSABLE_DATABASE, file + " " + why);
  }

  /// Connects with the driver itself: no registry of drivers is searched.
  private Connection connect(boolean writing, boolean immutable) throws SQLException {
    SQLiteConfig config = config(busyTimeout);
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    // A database belongs to one thread, and the driver has a lock of its own: without SQLite's,
    // which it takes for each cell, an export needs an eighth less time.
    config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    if (!writing) {
      config.setReadOnly(true);
    }
    Properties properties = config.toProperties();
    if (writing) {
      // With a rollback journal a commit is the journal's deletion: FULL, the default, does not
      // wait
      // until the disk has that, and a power cut undoes what was acknowledged.
      properties.setProperty(SQLiteConfig.Pragma.SYNCHRONOUS.pragmaName, "EXTRA");
    }
    return JDBC.createConnection("jdbc:sqlite:" + uri(file, immutable), properties);
  }

  private static SQLiteConfig config(Duration busyTimeout) {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
    config.enforceForeignKeys(true);
    return config;
  }

  /// Opens an empty database in memory and closes it again.
  static void warmUp() throws SQLException {
    JDBC.createConnection("jdbc:sqlite::memory:", config(Database.BUSY_TIMEOUT).toProperties())
        .close();
  }

  /// A `file:` URI, so that no character of a path is taken for a parameter (sqlite.org/uri.html).
  private static String uri(Path file, boolean immutable) {
    String path =
        file.toAbsolutePath()
            .toString()
            .replace("%", "%25")
            .replace("?", "%3f")
            .replace("#", "%23");
    return "file:" + path + (immutable ? "?immutable=1" : "");
  }

  private Database checked(boolean immutable) throws SQLException {
    Connection connection = connect(writable, immutable);
    Database database = new Database(file, connection, writable, immutable, busyTimeout);
    try {
      requirePatronus(file, Schema.read(connection));
      return database;
    } catch (SQLException | UserError e) {
      database.close();
      throw e;
    }
  }

  private static void requirePatronus(Path file, Schema schema) {
    for (String table : new String[] {"sdwan_sites", "sdwan_paths", "sdwan_policies"}) {
      if (!schema.has(table)) {
        throw unusable(file, "is no Patronus database: it has no table " + table);
      }
    }
  }
}
