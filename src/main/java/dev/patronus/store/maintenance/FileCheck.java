package dev.patronus.store.maintenance;

import dev.patronus.error.Counted;
import dev.patronus.history.tier.Retention;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.Database;
import dev.patronus.store.DatabaseOpener;
import dev.patronus.store.Pragma;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.SqliteShell;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteErrorCode;

/// The checks of the file itself: damage, journal, size.
///
/// Confined to the database's thread.
final class FileCheck {
  static final int DAMAGES_NAMED = 20;
  private static final long MEGABYTE = 1_000_000;
  private static final long LOG_LARGE = 64 * MEGABYTE;
  private static final long FREE_LARGE = 64 * MEGABYTE;
  private static final long YEAR_LARGE = 1000 * MEGABYTE;
  private static final int FREE_SHARE = 4;

  private final Database database;

  FileCheck(Database database) {
    this.database = database;
  }

  List<CheckFinding> integrity(boolean quick) {
    String pragma = (quick ? "quick_check(" : "integrity_check(") + DAMAGES_NAMED + ")";
    List<String> found = database.read(open -> lines(open, pragma));
    if (found.equals(List.of("ok"))) {
      long pages = database.read(open -> Pragma.number(open, "page_count"));
      return List.of(
          CheckFinding.ok("integrity", "no damage in " + HumanFormat.grouped(pages) + " pages"));
    }
    return Damage.of(database, found).findings();
  }

  /// What the check says, without headings; an error that ends it is its last line.
  private static List<String> lines(Connection connection, String pragma) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA " + pragma)) {
      while (row.next()) {
        row.getString(1).lines().filter(line -> !line.startsWith("***")).forEach(lines::add);
      }
    } catch (SQLException e) {
      if (!SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CORRUPT)) {
        throw e;
      }
      lines.add(Damage.ENDED);
    }
    return lines;
  }

  /// Only where it is a problem.
  List<CheckFinding> fileSystem() {
    return FileSystem.of(database.file())
        .filter(FileSystem::isShared)
        .map(shared ->
            List.of(
                new CheckFinding(Severity.WARNING, "disk", shared.problem(), FileSystem.REMEDY)))
        .orElse(List.of());
  }

  List<CheckFinding> journal() {
    String mode = database.journalMode();
    if (!mode.equals("wal")) {
      return List.of(
          new CheckFinding(
              Severity.INFO,
              "journal",
              "mode " + mode + ": readers and writers wait for each other",
              "'patronus db migrate --wal' switches to WAL, where they do not"));
    }
    long log = logBytes();
    return List.of(
        log < LOG_LARGE
            ? CheckFinding.ok("journal", "WAL, of " + HumanFormat.bytes(log))
            : new CheckFinding(
                Severity.WARNING,
                "journal",
                "the WAL has grown to "
                    + HumanFormat.bytes(log)
                    + ": a reader that does not end, or a"
                    + " single large change, keeps it from being emptied",
                "end what reads for so long, then: "
                    + SqliteShell.command(database.file(), "PRAGMA wal_checkpoint(TRUNCATE)")));
  }

  private long logBytes() {
    Path log = database.file().resolveSibling(database.file().getFileName() + "-wal");
    try {
      return Files.exists(log) ? Files.size(log) : 0;
    } catch (IOException _) {
      return 0;
    }
  }

  List<CheckFinding> size() {
    long page = database.read(open -> Pragma.number(open, "page_size"));
    long all = page * database.read(open -> Pragma.number(open, "page_count"));
    long free = page * database.read(open -> Pragma.number(open, "freelist_count"));
    String text = HumanFormat.bytes(all) + ", of which " + HumanFormat.bytes(free) + " are free";
    return List.of(
        free < FREE_LARGE || free * FREE_SHARE < all
            ? CheckFinding.ok("size", text)
            : new CheckFinding(
                Severity.INFO,
                "size",
                text + " for new rows",
                "to give them back to the disk, at a quiet hour: "
                    + SqliteShell.command(database.file(), "VACUUM")));
  }

  /// The platform's other databases on this machine.
  List<CheckFinding> others() {
    return DatabaseOpener.othersThan(database.file()).stream()
        .map(other ->
            new CheckFinding(
                Severity.INFO,
                "location",
                "there is also " + other + "; this one is " + database.file(),
                FileSystem.OTHER_DATABASE.formatted(other)))
        .toList();
  }

  List<CheckFinding> growth(Instant now, boolean limited) {
    HistoryGrowth growth = HistoryGrowth.of(database, now);
    String text =
        "policy_stats: "
            + Counted.of(growth.rowsPerDay(), "row")
            + " in the last 24 h (about "
            + HumanFormat.bytes(growth.bytesPerDay())
            + ")";
    return List.of(
        limited || growth.bytesPerYear() < YEAR_LARGE
            ? CheckFinding.ok("growth", text)
            : new CheckFinding(
                Severity.INFO,
                "growth",
                text + ", " + HumanFormat.bytes(growth.bytesPerYear()) + " a year",
                "keep raw rows for a limited time, roll-ups keep the sums: 'retention = "
                    + Retention.DEFAULT.text()
                    + "' in /etc/patronus/patronus.conf"));
  }
}
