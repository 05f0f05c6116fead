package dev.patronus.cli.option;

import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.policy.PolicyId;
import dev.patronus.store.history.PolicyHistory;
import dev.patronus.store.table.PolicyTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The names of policies by id: of those that are there, and of deleted ones that have a history.
///
/// Immutable.
///
/// @param names of all
/// @param deleted which of them are deleted
public record PolicyNames(Map<Long, String> names, Set<Long> deleted) {
  private static final String MARK = "(deleted)";

  public PolicyNames {
    names = Map.copyOf(names);
    deleted = Set.copyOf(deleted);
  }

  /// Reads the names.
  public static PolicyNames read(Invocation call, PolicyHistory history) {
    Map<Long, String> names = new HashMap<>(history.names());
    Map<Long, String> there = new HashMap<>();
    new PolicyTable(call.database()).all().forEach(policy -> there.put(policy.id(), policy.name()));
    Set<Long> deleted =
        names.keySet().stream().filter(id -> !there.containsKey(id)).collect(Collectors.toSet());
    names.putAll(there);
    return new PolicyNames(names, deleted);
  }

  /// The name of a policy, for programs.
  public String name(long policyId) {
    String name = names.getOrDefault(policyId, "");
    return name.isEmpty() ? MARK : name;
  }

  /// The name of a policy with a mark if it is deleted, for people.
  public String shown(long policyId) {
    String name = name(policyId);
    return deleted.contains(policyId) && !name.equals(MARK) ? name + " " + MARK : name;
  }

  /// The id of the policy that was meant: one that is there before one that is deleted.
  ///
  /// @throws UserError if nothing fits, or several do
  long find(String typed) {
    try {
      return find(typed, false);
    } catch (UserError e) {
      if (e.exitCode() != ExitCode.NOT_FOUND || deleted.isEmpty()) {
        throw e;
      }
      try {
        return find(typed, true);
      } catch (UserError other) {
        throw other.exitCode() == ExitCode.NOT_FOUND ? e : other;
      }
    }
  }

  private long find(String typed, boolean gone) {
    return new Finder<>(
            "policy",
            names.keySet().stream().filter(id -> deleted.contains(id) == gone).toList(),
            PolicyId::format,
            this::name,
            "policy list")
        .find(typed);
  }
}
