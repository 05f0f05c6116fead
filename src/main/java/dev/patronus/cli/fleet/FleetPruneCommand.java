package dev.patronus.cli.fleet;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.Counted;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubPruning;
import dev.patronus.fleet.HubPruning.Part;
import dev.patronus.fleet.HubPruning.Pruned;
import dev.patronus.history.tier.Retention;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.util.List;

/// `patronus fleet prune`: removes from a hub what is past its life.
public final class FleetPruneCommand extends Command {
  private static final List<Column<Part>> COLUMNS =
      List.of(
          Column.of("partition", "PARTITION", Kind.ID, Part::partition),
          Column.of("table", "TABLE", Kind.ID, Part::table),
          Column.of("rows", "ROWS", Kind.COUNT, Part::rows),
          Column.of("bytes", "SIZE", Kind.BYTES, Part::bytes));

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
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be removed without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public FleetPruneCommand() {
    super(
        "Makes the partitions of the coming months, and drops those whose whole month is past its"
            + " life; removes what epochs had that count no more, and counts anew how many records"
            + " each gateway keeps. Gateways that hold a transaction open for more than 10 minutes"
            + " lose their connection. Run it from a timer, once a day.",
        "Gateways wait at most 2 s for each partition that is dropped, and send what they have"
            + " afterwards.");
    example("fleet prune --dry-run", "show what would be removed");
    example("fleet prune --yes --keep raw:14d", "keep raw rows for two weeks");
  }

  @Override
  public Answer run(Invocation call) {
    Retention retention = keep.or(Retention.DEFAULT);
    Pruned pruned;
    try (Hub open = hub.open(call)) {
      pruned = HubPruning.preview(open, retention, call.now());
      if (!dryRun.get()) {
        call.confirm(
            yes.get(),
            "Remove "
                + Counted.of(pruned.parts().size(), "partition", "partitions")
                + " from "
                + open.login().name()
                + "?");
        pruned = HubPruning.prune(open, retention, call.now());
      }
    }
    return new Answer()
        .member("dry_run", dryRun.get())
        .member("partitions_made", pruned.partitions())
        .member("epochs_cleared", pruned.epochs())
        .table(Table.of("partitions", COLUMNS, pruned.parts()))
        .outcome(
            true,
            (dryRun.get() ? "would remove " : "removed ")
                + Counted.of(pruned.parts().size(), "partition", "partitions")
                + " and the roll-ups of "
                + Counted.of(pruned.epochs(), "epoch", "epochs")
                + "; made "
                + Counted.of(pruned.partitions(), "partition", "partitions"));
  }
}
