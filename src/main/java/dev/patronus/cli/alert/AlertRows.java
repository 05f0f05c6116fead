package dev.patronus.cli.alert;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.AlertState;
import dev.patronus.alert.Evaluation;
import dev.patronus.alert.Unit;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.Finder;
import dev.patronus.config.AlertSettings;
import dev.patronus.config.DaemonSettings;
import dev.patronus.notify.Notice;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.table.AlertTable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The alerts of the configuration with their states in the database.
final class AlertRows {
  /// States that are older were not evaluated by a running daemon.
  private static final Duration OLD = Duration.ofMinutes(5);

  /// An alert.
  ///
  /// @param state empty if the daemon has not evaluated it yet
  /// @param silencedUntil empty if it is not silenced now
  /// @param stale whether its state is so old that no running daemon evaluated it, or there is none
  record Row(
      AlertRule rule,
      Optional<AlertTable.Row> state,
      Optional<Instant> silencedUntil,
      boolean stale) {
    /// The word for its state: `ok`, `pending`, `firing`, `unknown`.
    String word() {
      if (state.isEmpty()) {
        return "unknown";
      }
      AlertState known = state.get().state();
      boolean quiet = known.phase() == AlertState.Phase.OK && !known.evaluation().known();
      return quiet ? "unknown" : known.phase().word();
    }

    /// What the daemon knows of it.
    <T> Optional<T> of(Function<AlertState, T> part) {
      return state.map(AlertTable.Row::state).map(part);
    }

    Optional<Evaluation> evaluation() {
      return of(AlertState::evaluation);
    }

    Unit unit() {
      return rule.subject().unit();
    }

    boolean firing() {
      return state.filter(row -> row.state().phase() == AlertState.Phase.FIRING).isPresent();
    }
  }

  static final Column<Row> STATE = Column.of("state", Kind.STATUS, Row::word);
  static final Column<Row> SINCE = Column.of("since", Kind.TIME, row -> row.of(AlertState::since));
  static final Column<Row> MEASURED =
      Column.of(
          "measured",
          Kind.TEXT,
          row -> row.of(state -> Notice.text(row.unit(), state.evaluation().value())));
  static final Column<Row> MEASURES =
      Column.of("measures", Kind.TEXT, row -> row.rule().subject().description());
  static final Column<Row> FIRES = Column.of("fires", Kind.TEXT, row -> fires(row.rule()));
  static final Column<Row> VALUE =
      Column.of(
          "value",
          Kind.PLAIN_NUMBER,
          row -> row.evaluation().map(Evaluation::value).orElse(OptionalDouble.empty()));
  static final Column<Row> LIMIT =
      Column.of(
          "limit",
          Kind.PLAIN_NUMBER,
          row -> row.evaluation().map(Evaluation::limit).orElse(OptionalDouble.empty()));
  static final Column<Row> COMPARED_WITH =
      Column.of("compared_with", Kind.TEXT, AlertRows::comparedWith);
  static final Column<Row> RECOVERS_AT =
      Column.of("recovers_at", Kind.TEXT, row -> Notice.bound(row.rule(), row.rule().clearing()));
  static final Column<Row> UNIT =
      Column.of("unit", Kind.TEXT, row -> row.unit().name().toLowerCase(Locale.ROOT));
  static final Column<Row> WHY =
      Column.of(
          "why", Kind.TEXT, row -> row.evaluation().map(Evaluation::why).filter(w -> !w.isEmpty()));
  static final Column<Row> LAST_FIRED =
      Column.of(
          "last_fired", Kind.TIME, row -> row.of(AlertState::lastFired).orElse(Optional.empty()));
  static final Column<Row> EVALUATED =
      Column.of("evaluated_at", Kind.TIME, row -> row.state().map(AlertTable.Row::evaluated));

  static final Column<Row> STALE = Column.of("stale", Kind.FLAG, Row::stale);

  private AlertRows() {}

  /// The limit of the last evaluation, or that of the rule where there was none.
  private static String comparedWith(Row row) {
    OptionalDouble evaluated =
        row.evaluation().map(Evaluation::limit).orElse(OptionalDouble.empty());
    return evaluated.isPresent() ? Notice.text(row.unit(), evaluated) : Notice.limit(row.rule());
  }

  /// When an alert fires, in the units of the tables: `above 80.0 Mbit/s`.
  static String fires(AlertRule rule) {
    return rule.side() + " " + Notice.limit(rule);
  }

  static AlertSettings settings(Invocation call) {
    return DaemonSettings.alerts(call.settings());
  }

  /// All alerts in the order of the configuration.
  static List<Row> all(Invocation call) {
    AlertTable table = new AlertTable(call.database());
    Map<String, AlertTable.Row> states = table.states();
    Map<String, Instant> silences = table.silences();
    return settings(call).rules().stream()
        .map(rule ->
            new Row(
                rule,
                Optional.ofNullable(states.get(rule.name())),
                Optional.ofNullable(silences.get(rule.name()))
                    .filter(until -> until.isAfter(call.now())),
                isStale(Optional.ofNullable(states.get(rule.name())), call.now())))
        .toList();
  }

  private static boolean isStale(Optional<AlertTable.Row> state, Instant now) {
    return state.isEmpty() || Duration.between(state.get().evaluated(), now).compareTo(OLD) > 0;
  }

  /// The alert that was meant.
  ///
  /// @throws dev.patronus.error.UserError if nothing fits, or several do
  static Row find(String name, Invocation call) {
    return new Finder<>(
            "alert", all(call), row -> row.rule().name(), row -> row.rule().name(), "alert list")
        .find(name);
  }

  /// What to say where the states are old; empty if they are not.
  static Optional<String> remark(List<Row> rows, Invocation call) {
    Optional<Instant> newest =
        rows.stream()
            .flatMap(row -> row.state().stream())
            .map(AlertTable.Row::evaluated)
            .max(Instant::compareTo);
    if (newest.isEmpty()) {
      return Optional.of(
          "The daemon has not evaluated these alerts yet: it does so with each snapshot, and reads"
              + " the configuration at its start and on HUP.");
    }
    return Duration.between(newest.get(), call.now()).compareTo(OLD) > 0
        ? Optional.of(
            "The alerts were last evaluated "
                + new HumanFormat(call.zone(), false).time(newest.get())
                + "; 'patronus status' shows whether the daemon runs.")
        : Optional.empty();
  }
}
