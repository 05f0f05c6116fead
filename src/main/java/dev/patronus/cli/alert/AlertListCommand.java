package dev.patronus.cli.alert;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.util.List;

/// `patronus alert list`: the alerts and their states.
public final class AlertListCommand extends WatchedCommand {
  private static final List<Column<AlertRows.Row>> COLUMNS =
      List.of(
          Column.of("alert", Kind.ID, row -> row.rule().name()),
          AlertRows.STATE,
          AlertRows.SINCE,
          AlertRows.MEASURED,
          Column.of("rule", Kind.TEXT, row -> row.rule().text()),
          Column.of("silenced_until", "SILENCED", Kind.TIME, AlertRows.Row::silencedUntil),
          AlertRows.VALUE.detailIf(true),
          AlertRows.LIMIT.detailIf(true),
          AlertRows.UNIT.detailIf(true),
          AlertRows.WHY.detailIf(true),
          AlertRows.LAST_FIRED.detailIf(true),
          AlertRows.EVALUATED.detailIf(true),
          AlertRows.FIRES.detailIf(true),
          AlertRows.MEASURES.detailIf(true),
          AlertRows.STALE.detailIf(true));

  private final Option<Boolean> firing = flag("--firing", "only alerts that fire");

  private final ListOptions list = new ListOptions(this);

  public AlertListCommand() {
    super(
        "Shows the alert rules of the configuration (the key alert) with the states that the"
            + " daemon saved with its last snapshot: ok, pending (beyond the limit, but not for"
            + " long enough yet), firing, or unknown, when there is nothing to compare. JSON and CSV"
            + " say of each state whether it is stale: older than 5 minutes, so that no running"
            + " daemon evaluated it.");
    example("alert list", "all alerts");
    example("alert list --firing --json", "those that fire, as JSON");
  }

  @Override
  protected Answer answer(Invocation call) {
    List<AlertRows.Row> all = AlertRows.all(call);
    List<AlertRows.Row> shown =
        firing.get() ? all.stream().filter(AlertRows.Row::firing).toList() : all;
    Answer answer = new Answer();
    list.show(Table.of("alerts", COLUMNS, shown), answer, call);
    if (all.isEmpty()) {
      return answer.note(
          "There are no alerts; the configuration has no line 'alert = NAME: RULE'"
              + " (patronus.conf(5)).");
    }
    AlertRows.remark(all, call).ifPresent(answer::note);
    return shown.isEmpty() ? answer.note("No alert fires.") : answer;
  }
}
