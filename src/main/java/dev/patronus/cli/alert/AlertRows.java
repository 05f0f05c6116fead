package dev.patronus.cli.alert;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.AlertState;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.Finder;
import dev.patronus.config.AlertSettings;
import dev.patronus.config.DaemonSettings;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.table.AlertTable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The alerts of the configuration with their states in the database.
final class AlertRows {
  /// States that are older were not evaluated by a running daemon.
  private static final Duration OLD = Duration.ofMinutes(5);

  /// An alert.
  ///
  /// @param state empty if the daemon has not evaluated it yet
  /// @param silencedUntil empty if it is not silenced now
  record Row(AlertRule rule, Optional<AlertTable.Row> state, Optional<Instant> silencedUntil) {
    /// The word for its state: `ok`, `pending`, `firing`, `unknown`.
    String word() {
      if (state.isEmpty()) {
        return "unknown";
      }
      AlertState known = state.get().state();
      boolean quiet = known.phase() == AlertState.Phase.OK && !known.judgement().known();
      return quiet ? "unknown" : known.phase().word();
    }

    boolean firing() {
      return state.filter(row -> row.state().phase() == AlertState.Phase.FIRING).isPresent();
    }
  }

  private AlertRows() {}

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
                    .filter(until -> until.isAfter(call.now()))))
        .toList();
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
