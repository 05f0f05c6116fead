package dev.patronus.cli.complete;

import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.complete.Completer.Candidate;
import dev.patronus.config.DaemonSettings;
import dev.patronus.control.Request;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.error.UserError;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.table.NamesTable;
import dev.patronus.store.table.NamesTable.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Live names for completion: names with their ids beside them, and ids with their names.
public final class NameCandidates {
  private NameCandidates() {}

  /// The candidates of a kind; none where the database or the hub cannot be read, since nobody
  /// wants to hear of it in the middle of a word.
  ///
  /// @param named the database and hub of the line
  /// @param typed the beginning of the name or id
  public static List<Candidate> of(
      Invocation call, NamedOnLine named, Completes completes, String typed) {
    try {
      if (completes == Completes.ALERT) {
        return DaemonSettings.alerts(call.settings()).rules().stream()
            .map(rule -> new Candidate(rule.name(), HumanFormat.visible(rule.text())))
            .toList();
      }
      if (completes == Completes.BUDGET) {
        return DaemonSettings.alerts(call.settings()).budgets().stream()
            .map(budget -> new Candidate(budget.name(), HumanFormat.visible(budget.text())))
            .toList();
      }
      if (completes == Completes.GATEWAY) {
        return GatewayCandidates.of(call, named.hub(), typed);
      }
      NamesTable names =
          new NamesTable(call.database(named.database().orElseGet(call::databaseFile)), typed);
      return switch (completes) {
        case SITE -> candidates(names.sites());
        case POLICY -> candidates(names.policies());
        case PATH -> ids(names.paths());
        case FAILOVER_POLICY -> candidates(names.failoverPolicies());
        case DELETED_SITE -> candidates(names.deletedSites());
        case DELETED_POLICY -> candidates(names.deletedPolicies());
        case EXPORTER -> exporters(call);
        case ALERT, BUDGET, GATEWAY, FILE, TIME, RANGE, DURATION, STEP, ZONE, COLUMN, NOTHING ->
            List.of();
      };
    } catch (UserError _) {
      return List.of();
    }
  }

  /// The exporters that the daemon has heard.
  private static List<Candidate> exporters(Invocation call) {
    return new DaemonConnection(call)
            .ask(new Request.Status(), StatusAnswer::read)
            .map(StatusAnswer::exporters)
            .orElse(List.of())
            .stream()
            .map(each -> new Candidate(each.exporter(), ""))
            .toList();
  }

  /// Names first, since people know them; an id follows, and stands alone where several things
  /// share a name.
  private static List<Candidate> candidates(List<Name> names) {
    Map<String, Long> counts =
        names.stream().collect(Collectors.groupingBy(Name::name, Collectors.counting()));
    List<Candidate> candidates = new ArrayList<>();
    for (Name each : names) {
      if (counts.getOrDefault(each.name(), 0L) == 1 && isWord(each.name())) {
        candidates.add(new Candidate(each.name(), HumanFormat.visible(each.id())));
      }
    }
    candidates.addAll(ids(names));
    return candidates;
  }

  /// Whether it can be typed, and shown to somebody who types: what could drive the terminal
  /// cannot.
  private static boolean isWord(String name) {
    return !name.isBlank() && !name.startsWith("-") && name.equals(HumanFormat.visible(name));
  }

  private static List<Candidate> ids(List<Name> names) {
    return names.stream()
        .filter(each -> isWord(each.id()))
        .map(each -> new Candidate(each.id(), HumanFormat.visible(each.name()).strip()))
        .toList();
  }
}
