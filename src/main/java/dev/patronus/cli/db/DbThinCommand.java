package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.ProgressLine;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.Retention;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.retention.HistoryTable;
import dev.patronus.store.retention.RowThinning;
import java.time.Duration;
import java.util.Map;

/// `patronus db thin`: makes the history of policies coarser with age.
public final class DbThinCommand extends Command {
  /// Between two steps, so that a waiting writer gets its turn.
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final Option<Retention> retention =
      option(
          "--retention",
          "TIERS",
          Retention::parse,
          "resolution by age, each as RESOLUTION:AGE (default: the setting retention,"
              + " else '"
              + Retention.STANDARD.text()
              + "')");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be deleted without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public DbThinCommand() {
    super(
        "Reduces the resolution of policy history: for each step, only the last row"
            + " is kept. Counters are cumulative, so no sum between two remaining rows"
            + " changes; the first and newest rows and those on both sides of a reset are"
            + " kept as well. Other programs can write meanwhile, and the command can be"
            + " interrupted safely at any time.",
        "With the setting 'retention' the daemon does this automatically every few"
            + " hours. Rows that 'export --since-last' has not exported before are then"
            + " exported at the reduced resolution.");
    example("db thin --dry-run", "show what would be deleted");
    example("db thin --retention '1m:7d 1h:52w' --yes", "minutes for a week, hours for a year");
  }

  @Override
  public Answer run(Invocation call) {
    Retention tiers = retention.or(null);
    if (tiers == null) {
      tiers = configured(call);
    }
    Answer answer = new Answer().member("retention", tiers.text()).member("dry_run", dryRun.get());
    if (dryRun.get()) {
      return planned(new RowThinning(call.database(), tiers).plan(call.now()), answer);
    }
    if (!yes.get()) {
      confirm(tiers, call);
    }
    long _ = RollupBuild.run(call.writableDatabase(), call);
    RowThinning thinning = new RowThinning(call.writableDatabase(), tiers);
    thin(thinning, call);
    return answer
        .report()
        .table(DbPruneCommand.rows(thinning.deleted()))
        .outcome(
            true,
            "Deleted "
                + rows(thinning.total())
                + " of "
                + HumanFormat.grouped(thinning.rowsRead())
                + "; new rows fill the space.")
        .member("rows_affected", thinning.total());
  }

  private static Retention configured(Invocation call) {
    String text = call.settings().text("retention").orElse("off");
    try {
      return text.equals("off") ? Retention.STANDARD : Retention.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, "retention: " + e.getMessage(), e);
    }
  }

  private static Answer planned(Map<HistoryTable, Long> plan, Answer answer) {
    long rows = plan.values().stream().mapToLong(Long::longValue).sum();
    return answer
        .table(DbPruneCommand.rows(plan))
        .outcome(true, rows(rows) + " would be deleted.")
        .member("rows", rows);
  }

  private void confirm(Retention tiers, Invocation call) {
    if (call.canAsk()) {
      Map<HistoryTable, Long> plan = new RowThinning(call.database(), tiers).plan(call.now());
      Answer shown = planned(plan, new Answer());
      call.say(new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown).stripTrailing());
    }
    call.confirm(false, "Keep '" + tiers.text() + "' and delete all other rows?");
  }

  private static void thin(RowThinning thinning, Invocation call) {
    try (ProgressLine progress = ProgressLine.of(call, "rows")) {
      thinning.begin(call.now());
      while (thinning.step(call.actor())) {
        progress.at(thinning.rowsRead(), -1);
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(
          ExitCode.FAILED, "interrupted; " + rows(thinning.total()) + " were deleted", e);
    }
  }

  private static String rows(long rows) {
    return Counted.of(rows, "row");
  }
}
