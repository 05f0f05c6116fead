package dev.patronus.cli.alert;

import dev.patronus.alert.AlertState;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.config.AlertSettings;
import dev.patronus.notify.Action;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import java.util.ArrayList;
import java.util.List;

/// `patronus alert show`: one alert.
public final class AlertShowCommand extends Command {
  private final Option<String> name =
      argument("ALERT", "1", text -> text, Completes.ALERT, "the alert, by name");

  public AlertShowCommand() {
    super(
        "Shows an alert: its rule, its state as of the last snapshot, the value that was"
            + " compared, and what is done when it fires. It fires when the value was beyond the"
            + " limit for the time behind 'for', and recovers when the value is back by a tenth"
            + " of the limit, or by the value behind 'clear'.");
    example("alert show busy", "the alert with the name busy");
  }

  @Override
  public Answer run(Invocation call) {
    AlertRows.Row row = AlertRows.find(name.get(), call);
    Answer answer = new Answer().facts("alert", "", facts(row, AlertRows.settings(call)), row);
    AlertRows.remark(List.of(row), call).ifPresent(answer::note);
    return answer;
  }

  private static List<Column<AlertRows.Row>> facts(AlertRows.Row alert, AlertSettings settings) {
    List<Column<AlertRows.Row>> facts = new ArrayList<>();
    facts.add(Column.of("alert", Kind.ID, row -> row.rule().name()));
    facts.add(Column.of("rule", Kind.TEXT, row -> row.rule().text()));
    facts.add(AlertRows.STATE);
    facts.add(AlertRows.MEASURES);
    facts.add(AlertRows.FIRES);
    facts.add(AlertRows.COMPARED_WITH);
    facts.add(AlertRows.RECOVERS_AT);
    if (alert.state().isPresent()) {
      facts.add(AlertRows.SINCE);
      facts.add(AlertRows.MEASURED);
      facts.add(AlertRows.WHY);
      facts.add(AlertRows.VALUE);
      facts.add(AlertRows.LIMIT);
      facts.add(AlertRows.LAST_FIRED);
      facts.add(Column.of("announced", Kind.FLAG, row -> row.of(AlertState::announced)));
    }
    facts.add(AlertRows.UNIT);
    facts.add(Column.of("fires_after", Kind.SECONDS, row -> row.rule().hold().toSeconds()));
    facts.add(Column.of("cooldown", Kind.SECONDS, row -> row.rule().cooldown().toSeconds()));
    facts.add(Column.of("silenced_until", Kind.TIME, AlertRows.Row::silencedUntil));
    facts.add(AlertRows.EVALUATED);
    facts.add(AlertRows.STALE);
    facts.add(
        Column.of(
            "actions",
            Kind.TEXT,
            _ ->
                Action.of(settings).stream()
                    .map(action -> action.name() + " " + action.target())
                    .toList()));
    return facts;
  }
}
