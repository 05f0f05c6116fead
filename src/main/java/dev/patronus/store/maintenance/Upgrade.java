package dev.patronus.store.maintenance;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import dev.patronus.site.GuardLevel;
import dev.patronus.store.Database;
import dev.patronus.store.Indexes;
import dev.patronus.store.Migration;
import dev.patronus.store.Pragma;
import dev.patronus.store.Transaction;
import dev.patronus.store.guard.Guard;
import dev.patronus.store.guard.Guards;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Adds missing tables and indexes to a database: `db migrate`.
///
/// Confined to the database's thread. Nothing of the platform's is altered; the journal mode
/// changes only where it is asked for.
public final class Upgrade {
  private static final String STATS = "sdwan_policy_stats";
  private static final String STATS_INDEX = "idx_policy_stats_time";
  private static final String INDEX_STEP = "index";
  private static final List<String> STATS_INDEXED = List.of("policy_id", "timestamp");

  /// A step, and whether it is still to be taken.
  ///
  /// @param makes the table or index that it makes
  public record Step(String name, String makes, boolean missing) {}

  private final Database database;

  public Upgrade(Database database) {
    this.database = database;
  }

  /// All steps in order. The index counts as a step of its own: where a table has lost it, making
  /// it takes long, so no other command does that on the way.
  public List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    List<Migration.Step> missing = Migration.missing(database.schema());
    for (Migration.Step step : Migration.STEPS) {
      String name = step.resource().replace(".sql", "");
      steps.add(new Step(name, step.makes(), missing.contains(step)));
    }
    boolean indexMissing = database.schema().has(STATS) && !hasStatsIndex(database);
    String index =
        indexMissing
            ? database.read(open -> Indexes.freeName(open, STATS_INDEX, STATS))
            : STATS_INDEX;
    steps.add(new Step(INDEX_STEP, index, indexMissing));
    return steps;
  }

  static boolean hasStatsIndex(Database database) {
    return database.read(open -> Indexes.leads(open, STATS, STATS_INDEXED));
  }

  public String journalMode() {
    return database.journalMode();
  }

  /// Switches to WAL, for good. It is no part of a transaction; SQLite does it between two.
  ///
  /// @throws UserError if another connection is in the way, or WAL is unsafe on the file system
  public void useWal() {
    Optional<FileSystem> shared = FileSystem.of(database.file()).filter(FileSystem::isShared);
    if (shared.isPresent()) {
      throw new UserError(
          ExitCode.REFUSED,
          database.file() + " stays as it is: WAL is not safe on " + shared.get().type());
    }
    String mode = database.read(open -> Pragma.text(open, "journal_mode = WAL"));
    if (!mode.equals("wal")) {
      throw new UserError(
          ExitCode.FAILED,
          database.file() + " stays in journal mode " + mode + ": its file system has no WAL");
    }
  }

  /// Takes the missing steps, makes the guards and writes the audit rows, in one transaction.
  ///
  /// @param journalModeBefore what it was before [#useWal()]; the audit row says so
  /// @param level the guards to make
  /// @param keep how long what they archive can be restored
  /// @return the guards that were made or removed, besides those that a step makes
  /// @throws UserError where SQLite refuses; then no step was taken, but a switch to WAL stays
  public List<Guard> take(
      List<Step> missing,
      String journalModeBefore,
      GuardLevel level,
      Duration keep,
      Actor actor,
      Instant now) {
    try {
      return database.writePart(
          actor,
          now,
          transaction -> {
            take(transaction, missing, journalModeBefore);
            return new Guards(database).apply(transaction, level, keep);
          });
    } catch (UserError e) {
      if (journalMode().equals(journalModeBefore)) {
        throw Database.unchanged(e);
      }
      throw new UserError(
          e.exitCode(), e.getMessage() + "; it is in WAL now, and no other step was taken", e);
    }
  }

  /// Writes the audit row of what was rolled up.
  ///
  /// @param rows how many rows were rolled up
  /// @param days how many days were rebuilt
  public void record(long rows, long days, Actor actor, Instant now) {
    Map<String, Json> details = new LinkedHashMap<>();
    details.put("rows_rolled_up", Json.Num.of(rows));
    details.put("days_rebuilt", Json.Num.of(days));
    AuditEvent event = new AuditEvent.DatabaseChange(AuditEvent.Type.DATABASE_MIGRATE, details);
    long _ = database.write(actor, now, transaction -> transaction.audit(event, true));
  }

  private void take(Transaction transaction, List<Step> missing, String journalModeBefore)
      throws SQLException {
    for (Step step : missing) {
      if (step.name().equals(INDEX_STEP)) {
        transaction
            .handle()
            .execute(
                "CREATE INDEX "
                    + step.makes()
                    + " ON "
                    + STATS
                    + "("
                    + String.join(", ", STATS_INDEXED)
                    + ")");
      }
    }
    if (!missing.isEmpty() || !journalMode().equals(journalModeBefore)) {
      transaction.audit(event(missing, journalModeBefore), true);
    }
  }

  private AuditEvent event(List<Step> missing, String journalModeBefore) {
    Map<String, Json> details = new LinkedHashMap<>();
    List<Json> names = new ArrayList<>();
    missing.forEach(step -> names.add(new Json.Text(step.name())));
    details.put("steps", new Json.Arr(names));
    if (!journalMode().equals(journalModeBefore)) {
      details.put("journal_mode", new Json.Text(journalMode()));
    }
    return new AuditEvent.DatabaseChange(AuditEvent.Type.DATABASE_MIGRATE, details);
  }
}
