package dev.patronus.cli.alert;

import dev.patronus.alert.AlertState;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.notify.Notice;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// `patronus alert list`: the alerts and their states.
public final class AlertListCommand extends Command {
  private static final Column[] COLUMNS = {
    Column.of("alert", Kind.ID),
    Column.of("state", Kind.STATUS),
    Column.of("since", Kind.TIME),
    Column.of("measured", Kind.TEXT),
    Column.of("rule", Kind.TEXT),
    Column.of("silenced_until", "SILENCED", Kind.TIME),
    Column.detail("value", Kind.PLAIN_NUMBER),
    Column.detail("limit", Kind.PLAIN_NUMBER),
    Column.detail("unit", Kind.TEXT),
    Column.detail("why", Kind.TEXT),
    Column.detail("last_fired", Kind.TIME),
    Column.detail("evaluated_at", Kind.TIME),
  };

  private final Option<Boolean> firing = flag("--firing", "only alerts that fire");

  private final ListOptions list = new ListOptions(this);

  public AlertListCommand() {
    super(
        "Shows the alert rules of the configuration (the key alert) with the states that the"
            + " daemon saved with its last snapshot: ok, pending (beyond the limit, but not for"
            + " long enough yet), firing, or unknown, when there is nothing to compare.");
    example("alert list", "all alerts");
    example("alert list --firing --json", "those that fire, as JSON");
  }

  @Override
  public Answer run(Invocation call) {
    List<AlertRows.Row> all = AlertRows.all(call);
    List<AlertRows.Row> shown =
        firing.get() ? all.stream().filter(AlertRows.Row::firing).toList() : all;
    Answer answer = new Answer();
    list.show(table(shown), answer, call);
    if (all.isEmpty()) {
      return answer.note(
          "There are no alerts; the configuration has no line 'alert = NAME: RULE'"
              + " (patronus.conf(5)).");
    }
    AlertRows.remark(all, call).ifPresent(answer::note);
    return shown.isEmpty() ? answer.note("No alert fires.") : answer;
  }

  private static Table table(List<AlertRows.Row> rows) {
    Table table = new Table("alerts", "", COLUMNS);
    for (AlertRows.Row row : rows) {
      AlertState state = row.state().map(each -> each.state()).orElse(null);
      table.row(
          row.rule().name(),
          row.word(),
          state == null ? null : state.since(),
          state == null
              ? null
              : Notice.text(row.rule().subject().unit(), state.judgement().value()),
          row.rule().text(),
          row.silencedUntil().orElse(null),
          state == null ? null : boxed(state.judgement().value()),
          state == null ? null : boxed(state.judgement().limit()),
          row.rule().subject().unit().name().toLowerCase(Locale.ROOT),
          state == null || state.judgement().why().isEmpty() ? null : state.judgement().why(),
          state == null ? null : state.lastFired().orElse(null),
          row.state().map(each -> each.evaluated()).orElse(null));
    }
    return table;
  }

  static Double boxed(OptionalDouble number) {
    return number.isPresent() ? (Double) number.getAsDouble() : null;
  }
}
