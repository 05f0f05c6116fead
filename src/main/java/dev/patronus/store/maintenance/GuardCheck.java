package dev.patronus.store.maintenance;

import dev.patronus.site.GuardLevel;
import dev.patronus.store.Database;
import dev.patronus.store.guard.Guard;
import dev.patronus.store.guard.Guard.State;
import dev.patronus.store.guard.Guards;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The check for the guards of the platform's own deletions.
///
/// Confined to the database's thread.
final class GuardCheck {
  private static final String CHECK = "guards";

  private final Guards guards;
  private final GuardLevel level;

  /// @param setting the guards that are configured; empty where none are
  GuardCheck(Database database, Optional<GuardLevel> setting) {
    this.guards = new Guards(database);
    this.level = setting.orElseGet(guards::level);
  }

  List<CheckFinding> guards() {
    List<Guard> compared = guards.compare(level);
    if (!guards.areKnown()) {
      return List.of(
          new CheckFinding(
              Severity.INFO,
              CHECK,
              "there are none yet",
              "'patronus db migrate' adds them, and so does the first change"));
    }
    if (compared.stream().allMatch(guard -> guard.state() == State.PRESENT)) {
      return List.of(asWanted(compared));
    }
    return compared.stream()
        .filter(guard -> guard.state() != State.PRESENT)
        .map(this::differs)
        .toList();
  }

  private CheckFinding asWanted(List<Guard> compared) {
    return switch (level) {
      case OFF ->
          new CheckFinding(
              Severity.INFO,
              CHECK,
              "off: the platform cannot delete a policy that has counters",
              "'patronus db migrate --guards policies' lets it, and 'platform-guards ="
                  + " policies' keeps it so");
      case POLICIES, ALL ->
          CheckFinding.ok(
              CHECK, compared.stream().map(Guard::name).collect(Collectors.joining(", ")));
    };
  }

  private CheckFinding differs(Guard guard) {
    return guard.state() == State.MISSING
        ? new CheckFinding(
            Severity.WARNING,
            CHECK,
            guard.name() + " is missing or outdated: deletions by the platform may be refused",
            "'patronus db migrate' makes it")
        : new CheckFinding(
            Severity.WARNING,
            CHECK,
            guard.name() + " is there, but platform-guards is '" + level.word() + "'",
            "'patronus db migrate' removes it");
  }
}
