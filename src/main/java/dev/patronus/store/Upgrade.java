package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a database lacks of what we need, and its making: `db migrate`.
///
/// Confined to the database's thread. Nothing of the platform's is altered; the journal mode
/// changes only where it is asked for.
public final class Upgrade {
  private static final String STATS = "sdwan_policy_stats";
  private static final String STATS_INDEX = "idx_policy_stats_time";
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
    steps.add(new Step("index", STATS_INDEX, indexMissing));
    return steps;
  }

  static boolean hasStatsIndex(Database database) {
    return database.read(open -> Indexes.leads(open, STATS, STATS_INDEXED));
  }

  public String journalMode() {
    return database.read(open -> Pragma.text(open, "journal_mode"));
  }

  /// Switches to WAL, for good. It is no part of a transaction; SQLite does it between two.
  ///
  /// @throws UserError if another connection is in the way
  public void useWal() {
    String mode = database.read(open -> Pragma.text(open, "journal_mode = WAL"));
    if (!mode.equals("wal")) {
      throw new UserError(
          ExitCode.FAILED,
          database.file() + " stays in journal mode " + mode + ": its file system has no WAL");
    }
  }

  /// Takes the missing steps and writes the audit row, in one transaction.
  ///
  /// @param journalModeBefore what it was before [#useWal()]; the audit row says so
  public void take(List<Step> missing, String journalModeBefore, Actor actor, Instant now) {
    database.write(
        actor,
        now,
        transaction -> {
          if (missing.stream().anyMatch(step -> step.makes().equals(STATS_INDEX))) {
            database.execute(
                "CREATE INDEX "
                    + STATS_INDEX
                    + " ON "
                    + STATS
                    + "("
                    + String.join(", ", STATS_INDEXED)
                    + ")");
          }
          transaction.audit(event(missing, journalModeBefore), true);
          return null;
        });
  }

  private AuditEvent event(List<Step> missing, String journalModeBefore) {
    Map<String, Json> details = new LinkedHashMap<>();
    List<Json> names = new ArrayList<>();
    missing.forEach(step -> names.add(new Json.Text(step.name())));
    details.put("steps", new Json.Arr(names));
    if (!journalMode().equals(journalModeBefore)) {
      details.put("journal_mode", new Json.Text(journalMode()));
    }
    return new AuditEvent.DatabaseChange("migrate", details);
  }
}
