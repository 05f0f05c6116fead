package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.config.DaemonSettings;
import dev.patronus.error.Counted;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.role.Role;
import dev.patronus.site.GuardLevel;
import dev.patronus.store.Database;
import dev.patronus.store.guard.Guard;
import dev.patronus.store.guard.Guards;
import dev.patronus.store.maintenance.Upgrade;
import dev.patronus.store.maintenance.Upgrade.Step;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.store.rollup.RollupCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `patronus db migrate`: gives a database of an older platform the tables that we need.
public final class DbMigrateCommand extends Command {
  private final Option<Boolean> wal =
      flag(
          "--wal", "also switch to WAL mode, in which readers and writers do not block each other");
  private final Option<GuardLevel> guards =
      choice(
          "--guards",
          "LEVEL",
          GuardLevel.class,
          "which of the platform's own deletions are guarded by triggers: 'policies', 'all', or"
              + " 'off', which removes them (default: setting platform-guards, else as before)");
  private final Option<Boolean> rebuildHistory =
      flag(
          "--rebuild-history",
          "also compare the rolled-up history with the rows that are still there, and rebuild"
              + " the days that differ");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what is missing without changing anything");

  public DbMigrateCommand() {
    super(
        "Adds missing tables and indexes that this program needs. The platform's own"
            + " tables are not altered, and each step is applied only once. Other commands"
            + " apply missing steps automatically when they write, except for an index that"
            + " was dropped and the switch to WAL.",
        "It also rolls up the history of traffic in steps of 5 minutes, hours and days,"
            + " which stay when the rows are deleted. Other programs can write meanwhile; if"
            + " it is interrupted, the next run or the daemon goes on. What is rolled up and has"
            + " no rows any more is never changed.",
        "A guard is a trigger that lets the platform delete what rows of this program refer to:"
            + " without patronus_policy_delete, its dashboard could delete no policy that has"
            + " counters. With 'all', its dashboard can also delete sites, which a foreign key of"
            + " their measurements refuses otherwise; policies, sites and what hangs on them are"
            + " archived, and 'patronus policy restore' and 'patronus site restore' restore them."
            + " The daemon sets the guards at its start and on HUP.");
    example("db migrate --dry-run", "show what is missing");
    example("db migrate --rebuild-history", "repair history that 'db check' complains about");
    example("db migrate --wal", "add missing tables and switch to WAL");
    example("db migrate --guards all", "let the dashboard delete sites, too");
    example("db migrate --guards off", "remove all triggers from the platform's tables");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(dryRun.get() ? Role.VIEWER : Role.ADMIN);
  }

  @Override
  public Answer run(Invocation call) {
    Database database = dryRun.get() ? call.database() : call.writableDatabase();
    Upgrade upgrade = new Upgrade(database);
    List<Step> steps = upgrade.steps();
    List<Step> missing = steps.stream().filter(Step::missing).toList();
    String modeBefore = upgrade.journalMode();
    boolean switches = wal.get() && !modeBefore.equals("wal");
    GuardLevel level = level(call, new Guards(database));
    List<Guard> compared = new Guards(database).compare(level);
    Rollup rollup = new Rollup(database);
    boolean builds = !rollup.current();
    long rows = rollup.rowsLeft();
    long days = 0;
    if (!dryRun.get()) {
      take(upgrade, missing, switches, level, call);
      rows = RollupBuild.run(database, call);
      days = rebuildHistory.get() ? RollupBuild.rebuild(database, call) : 0;
      if (rows > 0 || days > 0) {
        upgrade.record(rows, days, call.actor(), call.now());
      }
    } else if (rebuildHistory.get()) {
      days = new RollupCheck(database).differences(_ -> {}).size();
    }
    Answer answer = new Answer();
    return (dryRun.get() ? answer : answer.report())
        .table(table(steps, compared))
        .outcome(true, message(missing, compared, switches, builds ? rows : 0, days))
        .member("applied", dryRun.get() ? 0L : (long) missing.size())
        .member("guards", level.word())
        .member(dryRun.get() ? "rows_to_roll_up" : "rows_rolled_up", builds ? rows : 0L)
        .member(dryRun.get() ? "days_to_rebuild" : "days_rebuilt", days)
        .member("journal_mode", upgrade.journalMode())
        .member("dry_run", dryRun.get());
  }

  private GuardLevel level(Invocation call, Guards known) {
    Optional<GuardLevel> setting = DaemonSettings.guards(call.settings());
    if (!guards.given()) {
      return setting.orElseGet(known::level);
    }
    if (setting.isPresent() && setting.get() != guards.get()) {
      call.warn(
          "the daemon sets the guards to '"
              + setting.get().word()
              + "' at its next start or reload; change platform-guards, too");
    }
    return guards.get();
  }

  private static void take(
      Upgrade upgrade, List<Step> missing, boolean switches, GuardLevel level, Invocation call) {
    String modeBefore = upgrade.journalMode();
    if (switches) {
      upgrade.useWal();
    }
    Duration keep = DaemonSettings.deletedKeep(call.settings());
    upgrade.take(missing, modeBefore, level, keep, call.actor(), call.now());
  }

  private Table<Made> table(List<Step> steps, List<Guard> guards) {
    List<Made> rows = new ArrayList<>();
    steps.forEach(step ->
        rows.add(new Made(step.name(), step.makes(), step.missing() ? missing() : "present")));
    guards.forEach(guard -> rows.add(new Made("guard", guard.name(), state(guard))));
    List<Column<Made>> columns =
        List.of(
            Column.of("step", Kind.ID, Made::step),
            Column.of("makes", Kind.ID, Made::makes),
            Column.of("state", Kind.STATUS, Made::state));
    return Table.of("steps", columns, rows);
  }

  /// What a step makes, and whether it is there.
  private record Made(String step, String makes, String state) {}

  private String missing() {
    return dryRun.get() ? "missing" : "added";
  }

  private String state(Guard guard) {
    return switch (guard.state()) {
      case PRESENT -> "present";
      case MISSING -> missing();
      case SURPLUS -> dryRun.get() ? "to be removed" : "removed";
    };
  }

  private String message(
      List<Step> missing, List<Guard> guards, boolean switches, long rows, long days) {
    List<String> parts = new ArrayList<>();
    if (!missing.isEmpty()) {
      String steps = Counted.of(missing.size(), "step");
      parts.add(dryRun.get() ? steps + " to apply" : steps + " taken");
    }
    if (missing.stream().noneMatch(step -> step.makes().equals(Guards.TABLE))) {
      count(guards, Guard.State.MISSING, dryRun.get() ? "to add" : "added").ifPresent(parts::add);
    }
    count(guards, Guard.State.SURPLUS, dryRun.get() ? "to remove" : "removed")
        .ifPresent(parts::add);
    if (switches) {
      parts.add(dryRun.get() ? "would switch to WAL" : "switched to WAL");
    }
    if (rows > 0) {
      String rolled = Counted.of(rows, "row");
      parts.add(rolled + (dryRun.get() ? " of history to roll up" : " of history rolled up"));
    }
    if (rebuildHistory.get()) {
      String differed = Counted.of(days, "day");
      parts.add(
          days == 0
              ? "the history is the same as its rows"
              : differed + (dryRun.get() ? " to rebuild" : " rebuilt"));
    }
    String message = String.join("; ", parts) + ".";
    return parts.isEmpty()
        ? "Nothing is missing."
        : Character.toUpperCase(message.charAt(0)) + message.substring(1);
  }

  private static Optional<String> count(List<Guard> guards, Guard.State state, String done) {
    long count = guards.stream().filter(guard -> guard.state() == state).count();
    return count == 0 ? Optional.empty() : Optional.of(Counted.of(count, "guard") + " " + done);
  }
}
