package dev.patronus.cli.fleet;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubPruning;
import dev.patronus.fleet.HubPruning.Ended;
import dev.patronus.fleet.HubPruning.Part;
import dev.patronus.fleet.HubPruning.Pruned;
import dev.patronus.fleet.HubRemoval;
import dev.patronus.fleet.HubRemoval.Held;
import dev.patronus.history.tier.Retention;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.util.List;

/// `patronus fleet prune`: removes from a hub what is past its life, or a gateway that was revoked.
public final class FleetPruneCommand extends Command {
  private static final List<Column<Part>> COLUMNS =
      List.of(
          Column.of("partition", "PARTITION", Kind.ID, Part::partition),
          Column.of("table", "TABLE", Kind.ID, Part::table),
          Column.of("rows", "ROWS", Kind.COUNT, Part::rows),
          Column.of("bytes", "SIZE", Kind.BYTES, Part::bytes));

  private static final List<Column<Ended>> EPOCHS =
      List.of(
          Column.of("gateway", "GATEWAY", Kind.ID, Ended::gateway),
          Column.of("epoch", "EPOCH", Kind.NUMBER, Ended::epoch),
          Column.of("begun", "BEGUN", Kind.TIME, Ended::begun),
          Column.of("kind", "KIND", Kind.ID, Ended::kind),
          Column.of("records", "RECORDS", Kind.COUNT, Ended::records));

  private static final List<Column<Held>> GATEWAYS =
      List.of(
          Column.of("gateway", "GATEWAY", Kind.ID, Held::gateway),
          Column.of("revoked", "REVOKED", Kind.TIME, Held::revoked),
          Column.of("last_batch", "LAST BATCH", Kind.TIME, held -> held.lastBatch().orElse(null)),
          Column.of("policies", "POLICIES", Kind.COUNT, Held::policies),
          Column.of("records", "RECORDS", Kind.COUNT, Held::records));

  private final HubOption hub = new HubOption(this);
  private final Option<Retention> keep =
      option(
          "--keep",
          "RETENTION",
          Retention::parse,
          Completes.NOTHING,
          "how long rows and roll-ups are kept, as in the setting retention (default: "
              + Retention.DEFAULT.text()
              + ")");
  private final Option<Boolean> replaced =
      flag(
          "--replaced",
          "also remove the history of databases that a gateway does not have any more, because"
              + " another one took their place");
  private final Option<List<String>> gateways =
      options(
          "--gateway",
          "GATEWAY",
          text -> text,
          Completes.GATEWAY,
          "remove this revoked gateway instead, with all that it has sent and its role, for good;"
              + " may be repeated");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be removed without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public FleetPruneCommand() {
    super(
        "Makes the partitions of the coming months, and drops those whose whole month is past its"
            + " life; removes what epochs had that count no more (superseded by a later epoch of the same"
            + " database, or incomplete), and counts anew how many records"
            + " each gateway keeps. Gateways that hold a transaction open for more than 10 minutes"
            + " lose their connection. Run it from a timer, once a day.",
        "With --gateway nothing else is removed: a gateway that 'fleet revoke' has taken the login"
            + " of stays with its history until it is removed so. One of the same name that is enrolled"
            + " later is a new one.",
        "Gateways wait at most 2 s for each partition that is dropped, and send what they have"
            + " afterwards.");
    example("fleet prune --dry-run", "show what would be removed");
    example("fleet prune --yes --keep raw:14d", "keep raw rows for two weeks");
    example(
        "fleet prune --replaced --dry-run",
        "show what is left of databases that were replaced, too");
    example("fleet prune --gateway berlin --dry-run", "show what a revoked gateway has on the hub");
  }

  @Override
  protected void check() {
    if (gateways.given() && (keep.given() || replaced.get())) {
      throw new UserError(
          ExitCode.USAGE,
          "--gateway removes that gateway alone; remove "
              + (keep.given() ? "--keep" : "--replaced"));
    }
  }

  @Override
  public Answer run(Invocation call) {
    return gateways.given() ? removeGateways(call) : prune(call);
  }

  private Answer removeGateways(Invocation call) {
    List<Held> held;
    try (Hub open = hub.open(call)) {
      held = HubRemoval.preview(open, gateways.get());
      if (!dryRun.get()) {
        if (!yes.get() && call.canAsk()) {
          Answer shown = new Answer().table(Table.of("gateways", GATEWAYS, held));
          call.say(
              new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown).stripTrailing());
        }
        call.confirm(
            this,
            yes.get(),
            "Remove " + what(held) + " from " + open.login().name() + " for good?");
        HubRemoval.remove(open, held);
      }
    }
    return new Answer()
        .member("dry_run", dryRun.get())
        .table(Table.of("gateways", GATEWAYS, held))
        .outcome(true, (dryRun.get() ? "would remove " : "removed ") + what(held));
  }

  private static String what(List<Held> held) {
    return Counted.of(held.size(), "gateway", "gateways")
        + " with "
        + Counted.of(held.stream().mapToLong(Held::records).sum(), "record", "records");
  }

  private Answer prune(Invocation call) {
    Retention retention = keep.or(Retention.DEFAULT);
    Pruned pruned;
    try (Hub open = hub.open(call)) {
      pruned = HubPruning.preview(open, retention, replaced.get(), call.now());
      if (!dryRun.get()) {
        confirm(call, pruned, open.login().name());
        pruned = HubPruning.prune(open, retention, replaced.get(), call.now());
      }
    }
    return answer(
            pruned,
            new Answer()
                .member("dry_run", dryRun.get())
                .member("partitions_made", pruned.partitions())
                .member("epochs_cleared", pruned.epochs().size()))
        .outcome(
            true,
            (dryRun.get() ? "would remove " : "removed ")
                + what(pruned)
                + "; made "
                + Counted.of(pruned.partitions(), "partition", "partitions"));
  }

  private void confirm(Invocation call, Pruned plan, String name) {
    if (!yes.get() && call.canAsk()) {
      Answer shown = answer(plan, new Answer());
      call.say(new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown).stripTrailing());
    }
    call.confirm(this, yes.get(), "Remove " + what(plan) + " from " + name + "?");
  }

  private static Answer answer(Pruned pruned, Answer answer) {
    return answer
        .table(Table.of("partitions", COLUMNS, pruned.parts()))
        .table(Table.of("epochs", EPOCHS, pruned.epochs()));
  }

  private static String what(Pruned pruned) {
    return Counted.of(pruned.parts().size(), "partition", "partitions")
        + " and the records of "
        + Counted.of(pruned.epochs().size(), "epoch", "epochs");
  }
}
