package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.ProgressLine;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.role.Role;
import dev.patronus.store.Database;
import dev.patronus.store.retention.HistoryTable;
import dev.patronus.store.retention.PrunedTime;
import dev.patronus.store.retention.Pruning;
import dev.patronus.store.retention.Pruning.Share;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// `patronus db prune`: deletes old history and lets others write meanwhile.
public final class DbPruneCommand extends Command {
  /// Between two transactions, so that a waiting writer, which looks every few milliseconds, gets
  /// its turn.
  private static final Duration PAUSE = Duration.ofMillis(25);

  private static final Duration LEAST = Duration.ofHours(1);

  /// What can be pruned.
  enum What {
    STATS,
    PATH_METRICS,
    SYSTEM_METRICS,
    HEALTH,
    FAILOVER_EVENTS,
    AUDIT;

    Stream<HistoryTable> tables() {
      return switch (this) {
        case STATS -> Stream.of(HistoryTable.POLICY_STATS, HistoryTable.UNMATCHED_STATS);
        case PATH_METRICS -> Stream.of(HistoryTable.PATH_METRICS);
        case SYSTEM_METRICS -> Stream.of(HistoryTable.SYSTEM_METRICS);
        case HEALTH -> Stream.of(HistoryTable.PATH_HEALTH);
        case FAILOVER_EVENTS -> Stream.of(HistoryTable.FAILOVER_EVENTS);
        case AUDIT -> Stream.of(HistoryTable.AUDIT);
      };
    }
  }

  /// The audit trail goes only where it is named.
  private static final List<What> DEFAULT =
      List.of(
          What.STATS, What.PATH_METRICS, What.SYSTEM_METRICS, What.HEALTH, What.FAILOVER_EVENTS);

  private final Option<Duration> olderThan =
      option(
          "--older-than", "AGE", DurationText::parse, "delete rows older than this: 90d, 26w, …");
  private final Option<Boolean> future =
      flag("--future", "delete rows from the future, written while a clock was ahead");
  private final Option<List<What>> what =
      options(
          "--table",
          "TABLE",
          text -> EnumNames.read(What.class, text),
          Completes.NOTHING,
          "only stats, path-metrics, system-metrics, health, failover-events or audit; may be"
              + " repeated (default: all but audit)");
  private final Option<Boolean> vacuum =
      flag(
          "--vacuum",
          "shrink the file afterwards; needs as much free space again and locks the"
              + " database meanwhile");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be deleted without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public DbPruneCommand() {
    super(
        "Deletes raw rows of history older than the given age. The sums of hours and days that"
            + " traffic is rolled up to stay: the setting 'retention' says how long. It works in small transactions so that"
            + " other programs can write meanwhile. The newest row of each policy and path"
            + " is always kept, so that counters continue. The command can be interrupted"
            + " safely at any time. Traffic is rolled up before its rows go, so that"
            + " 'stats history' and 'report' keep its sums. The file keeps its size unless --vacuum is given; free"
            + " space is reused for new rows.",
        "With --future it deletes instead rows dated more than "
            + DurationText.format(PrunedTime.TOLERANCE)
            + " after this machine's clock; check first that the clock is correct.",
        "Where 'export --since-last' hands rows over, run that more often than the age given here:"
            + " rows that went before are not exported. With -q a run prints nothing, also if rows"
            + " were deleted; --dry-run prints what would go.");
    example("db prune --older-than 90d --dry-run", "show what would be deleted");
    example("db prune --older-than 90d --yes", "run from a timer");
    example("db prune --older-than 400d --table audit", "only the audit trail");
    example("db prune --future --dry-run", "show rows written while a clock was ahead");
  }

  @Override
  protected void check() {
    if (future.get()) {
      if (olderThan.given()) {
        throw new UserError(
            ExitCode.USAGE, "--older-than and --future exclude each other; give one of them");
      }
      return;
    }
    if (!olderThan.given()) {
      throw new UserError(
          ExitCode.USAGE, "--older-than is missing; give an age, for example --older-than 90d");
    }
    if (olderThan.get().compareTo(LEAST) < 0) {
      throw new UserError(
          ExitCode.USAGE,
          "--older-than must be at least 1h, was " + DurationText.format(olderThan.get()));
    }
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(dryRun.get() ? Role.VIEWER : Role.ADMIN);
  }

  @Override
  public Answer run(Invocation call) {
    Database database = dryRun.get() ? call.database() : call.writableDatabase();
    Instant now = call.now().truncatedTo(ChronoUnit.SECONDS);
    PrunedTime time =
        future.get()
            ? PrunedTime.future(now)
            : new PrunedTime.Before(now.minus(olderThan.get()), now);
    List<HistoryTable> tables = what.or(DEFAULT).stream().distinct().flatMap(What::tables).toList();
    Pruning pruning = new Pruning(database, tables, time);
    List<Share> plan = pruning.plan();
    long rows = plan.stream().mapToLong(Share::rows).sum();
    Answer answer =
        new Answer()
            .member(future.get() ? "newer_than" : "older_than", time.edge())
            .member("dry_run", dryRun.get());
    if (dryRun.get()) {
      return (rows == 0 ? answer.report() : answer)
          .table(table(plan))
          .outcome(true, planned(rows, time, call))
          .member("rows", rows)
          .member("rows_affected", rows);
    }
    if (rows > 0 || vacuum.get()) {
      confirm(plan, planned(rows, time, call), call);
    }
    if (tables.contains(HistoryTable.POLICY_STATS)) {
      rollUp(database, call);
    }
    delete(pruning, rows, call);
    return done(pruning, answer, time, call);
  }

  private static void rollUp(Database database, Invocation call) {
    try {
      long _ = RollupBuild.run(database, call);
    } catch (UserError e) {
      throw new UserError(e.exitCode(), e.getMessage() + "; no row was deleted", e);
    }
  }

  private Answer done(Pruning pruning, Answer answer, PrunedTime time, Invocation call) {
    String deleted =
        pruning.total() == 0
            ? "There are no rows" + edge(time, call) + "; nothing was deleted."
            : "Deleted " + rows(pruning.total(), time, call) + ".";
    long before = pruning.bytesOnDisk();
    String space = vacuum.get() ? shrunk(pruning, deleted, before) : kept(pruning);
    return answer
        .report()
        .table(rows(pruning.deleted()))
        .outcome(true, deleted + space)
        .member("rows_affected", pruning.total())
        .member("bytes_before", before)
        .member("bytes_after", pruning.bytesOnDisk());
  }

  private static String kept(Pruning pruning) {
    long free = pruning.bytesFree();
    String takes =
        " The database takes " + HumanFormat.bytes(pruning.bytesOnDisk()) + " on its disk";
    return free == 0
        ? takes + "."
        : takes
            + ", of which "
            + HumanFormat.bytes(free)
            + " are free for new rows; --vacuum returns them to the file system.";
  }

  /// Shrinks the file, and measures what then lies on the disk.
  private static String shrunk(Pruning pruning, String deleted, long before) {
    boolean emptied;
    try {
      emptied = pruning.vacuum();
    } catch (UserError e) {
      throw new UserError(
          e.exitCode(),
          "the file was not shrunk: " + e.getMessage() + "; before that: " + deleted,
          e);
    }
    String sizes =
        " The database took "
            + HumanFormat.bytes(before)
            + " on its disk and takes "
            + HumanFormat.bytes(pruning.bytesOnDisk())
            + " now";
    return emptied
        ? sizes + "."
        : sizes
            + ", because another program reads it: it shrinks once that has ended and"
            + " somebody writes.";
  }

  private static void delete(Pruning pruning, long planned, Invocation call) {
    try (ProgressLine progress = ProgressLine.of(call, "rows")) {
      pruning.begin();
      while (pruning.step(call.actor(), call.now())) {
        progress.at(pruning.total(), planned == 0 ? 1 : (double) pruning.total() / planned);
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(
          ExitCode.INTERRUPTED,
          "interrupted; "
              + Counted.of(pruning.total(), "row was", "rows were")
              + " deleted, the rest was kept",
          e);
    }
  }

  private void confirm(List<Share> plan, String sentence, Invocation call) {
    if (!yes.get() && call.canAsk()) {
      Answer shown = new Answer().table(table(plan)).say(sentence);
      if (vacuum.get()) {
        shown.say("Then the file is rewritten; no other program can use it meanwhile.");
      }
      call.say(new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown).stripTrailing());
    }
    call.confirm(this, yes.get(), "Delete them?");
  }

  private Table<Share> table(List<Share> plan) {
    List<Column<Share>> columns =
        List.of(
            Column.of("table", Kind.ID, share -> share.table().table()),
            Column.of("rows", Kind.COUNT, Share::rows),
            future.get()
                ? Column.of("newest", Kind.TIME, Share::newest)
                : Column.of("oldest", Kind.TIME, Share::oldest));
    return Table.of("tables", columns, plan);
  }

  /// How many rows of each table, in the order of the tables.
  static Table<Map.Entry<HistoryTable, Long>> rows(Map<HistoryTable, Long> counts) {
    List<Column<Map.Entry<HistoryTable, Long>>> columns =
        List.of(
            Column.of("table", Kind.ID, entry -> entry.getKey().table()),
            Column.of("rows", Kind.COUNT, Map.Entry::getValue));
    return Table.of("tables", columns, List.copyOf(new TreeMap<>(counts).entrySet()));
  }

  private static String planned(long rows, PrunedTime time, Invocation call) {
    return rows == 0
        ? "There are no rows" + edge(time, call) + "; nothing would be deleted."
        : rows(rows, time, call) + " would be deleted.";
  }

  private static String rows(long rows, PrunedTime time, Invocation call) {
    return Counted.of(rows, "row") + edge(time, call);
  }

  /// ` from before 2026-11-01 00:00:00`.
  private static String edge(PrunedTime time, Invocation call) {
    String which =
        switch (time) {
          case PrunedTime.Before _ -> " from before ";
          case PrunedTime.After _ -> " from after ";
        };
    return which + call.screen().humane().time(time.edge());
  }
}
