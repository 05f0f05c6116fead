package dev.patronus.cli.alert;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.AlertState;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.config.AlertSettings;
import dev.patronus.notify.Action;
import dev.patronus.notify.Notice;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.store.table.AlertTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
    Answer answer = new Answer().facts("alert", "", facts(row, AlertRows.settings(call)));
    AlertRows.remark(List.of(row), call).ifPresent(answer::note);
    return answer;
  }

  private static Map<Column, Object> facts(AlertRows.Row row, AlertSettings settings) {
    AlertRule rule = row.rule();
    Map<Column, Object> facts = new LinkedHashMap<>();
    facts.put(Column.of("alert", Kind.ID), rule.name());
    facts.put(Column.of("rule", Kind.TEXT), rule.text());
    facts.put(Column.of("state", Kind.STATUS), row.word());
    AlertState state = row.state().map(AlertTable.Row::state).orElse(null);
    if (state != null) {
      facts.put(Column.of("since", Kind.TIME), state.since());
      facts.put(
          Column.of("measured", Kind.TEXT),
          Notice.text(rule.subject().unit(), state.judgement().value()));
      facts.put(
          Column.of("compared_with", Kind.TEXT),
          Notice.text(rule.subject().unit(), state.judgement().limit()));
      facts.put(
          Column.of("why", Kind.TEXT),
          state.judgement().why().isEmpty() ? null : state.judgement().why());
      facts.put(
          Column.of("value", Kind.PLAIN_NUMBER), AlertListCommand.boxed(state.judgement().value()));
      facts.put(
          Column.of("limit", Kind.PLAIN_NUMBER), AlertListCommand.boxed(state.judgement().limit()));
      facts.put(Column.of("last_fired", Kind.TIME), state.lastFired().orElse(null));
      facts.put(Column.of("announced", Kind.FLAG), state.announced());
    }
    facts.put(Column.of("unit", Kind.TEXT), rule.subject().unit().name().toLowerCase(Locale.ROOT));
    facts.put(Column.of("fires_after", Kind.SECONDS), rule.hold().toSeconds());
    facts.put(Column.of("cooldown", Kind.SECONDS), rule.cooldown().toSeconds());
    facts.put(Column.of("silenced_until", Kind.TIME), row.silencedUntil().orElse(null));
    facts.put(
        Column.of("evaluated_at", Kind.TIME),
        row.state().map(AlertTable.Row::evaluated).orElse(null));
    facts.put(
        Column.of("actions", Kind.TEXT),
        Action.of(settings).stream().map(action -> action.name() + " " + action.target()).toList());
    return facts;
  }
}
