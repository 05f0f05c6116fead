package dev.patronus.cli.alert;

import dev.patronus.alert.AlertRule;
import dev.patronus.config.AlertSettings;
import dev.patronus.notify.Notice;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.util.List;

/// What was understood of the alerts of a configuration.
public final class UnderstoodAlerts {
  private static final List<Column<AlertRule>> COLUMNS =
      List.of(
          Column.of("alert", Kind.ID, AlertRule::name),
          Column.of("measures", Kind.TEXT, rule -> rule.subject().description()),
          Column.of("fires", Kind.TEXT, AlertRows::fires),
          Column.of("fires_after", "AFTER", Kind.SECONDS, rule -> rule.hold().toSeconds()),
          Column.of(
              "recovers_at", "RECOVERS", Kind.TEXT, rule -> Notice.bound(rule, rule.clearing())),
          Column.detail("cooldown", Kind.SECONDS, rule -> rule.cooldown().toSeconds()),
          Column.detail("rule", Kind.TEXT, AlertRule::text));

  private UnderstoodAlerts() {}

  /// Adds each alert with what it measures and when it fires.
  public static Answer add(AlertSettings settings, Answer answer) {
    return answer.table(Table.of("alerts", COLUMNS, settings.rules()));
  }
}
