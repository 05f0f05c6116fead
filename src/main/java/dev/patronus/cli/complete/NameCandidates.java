package dev.patronus.cli.complete;

import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.complete.Completer.Candidate;
import dev.patronus.config.DaemonSettings;
import dev.patronus.error.UserError;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.table.NamesTable;
import dev.patronus.store.table.NamesTable.Name;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Live names for completion: names with their ids beside them, and ids with their names.
public final class NameCandidates {
  private NameCandidates() {}

  /// The candidates of a kind; none where the database cannot be read, since nobody wants to hear
  /// of it in the middle of a word.
  ///
  /// @param database the file that was named on the line; empty for the default one
  public static List<Candidate> of(Invocation call, Optional<Path> database, Completes completes) {
    try {
      if (completes == Completes.ALERT) {
        return DaemonSettings.alerts(call.settings()).rules().stream()
            .map(rule -> new Candidate(rule.name(), HumanFormat.visible(rule.text())))
            .toList();
      }
      NamesTable names = new NamesTable(call.database(database.orElseGet(call::databaseFile)));
      return switch (completes) {
        case SITE -> candidates(names.sites());
        case POLICY -> candidates(names.policies());
        case PATH -> ids(names.paths());
        case FAILOVER_POLICY -> candidates(names.failoverPolicies());
        case DELETED_SITE -> candidates(names.deletedSites());
        case DELETED_POLICY -> candidates(names.deletedPolicies());
        case ALERT, FILE, NOTHING -> List.of();
      };
    } catch (UserError _) {
      return List.of();
    }
  }

  /// Names first, since people know them; an id follows, and stands alone where several things
  /// share a name.
  private static List<Candidate> candidates(List<Name> names) {
    Map<String, Long> counts =
        names.stream().collect(Collectors.groupingBy(Name::name, Collectors.counting()));
    List<Candidate> candidates = new ArrayList<>();
    for (Name each : names) {
      if (counts.get(each.name()) == 1 && isWord(each.name())) {
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
