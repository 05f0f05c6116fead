package dev.patronus.cli.option;

import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.policy.PolicyId;
import dev.patronus.store.history.PolicyHistory;
import dev.patronus.store.table.PolicyTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The names of policies by their numbers: of those that are there, and of deleted ones that have a
/// history.
///
/// The number of a policy is its id, or on a hub its place among all
/// ([dev.patronus.history.plan.HistorySource]).
///
/// Immutable.
///
/// @param names of all
/// @param deleted which of them are deleted
/// @param hub what is read of a hub; empty for a gateway's own policies
public record PolicyNames(Map<Long, String> names, Set<Long> deleted, Optional<OfHub> hub) {
  private static final String MARK = "(deleted)";

  /// The gateway and the id of a policy on a hub.
  public record PlacedPolicy(String gateway, long policyId) {}

  /// What is read of a hub.
  ///
  /// @param name of the hub
  /// @param gateways their names
  /// @param policies of each number
  public record OfHub(String name, List<String> gateways, Map<Long, PlacedPolicy> policies) {
    public OfHub {
      gateways = List.copyOf(gateways);
      policies = Map.copyOf(policies);
    }

    private PlacedPolicy placed(long policy) {
      return Objects.requireNonNull(policies.get(policy));
    }
  }

  public PolicyNames {
    names = Map.copyOf(names);
    deleted = Set.copyOf(deleted);
    Objects.requireNonNull(hub, "hub");
  }

  /// Those of a gateway's own policies.
  public PolicyNames(Map<Long, String> names, Set<Long> deleted) {
    this(names, deleted, Optional.empty());
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
  public String name(long policy) {
    String name = names.getOrDefault(policy, "");
    return name.isEmpty() ? MARK : name;
  }

  /// The name of a policy with a mark if it is deleted, for people.
  public String shown(long policy) {
    String name = name(policy);
    return deleted.contains(policy) && !name.equals(MARK) ? name + " " + MARK : name;
  }

  /// The id of a policy.
  public long policyId(long policy) {
    return hub.map(of -> of.placed(policy).policyId()).orElse(policy);
  }

  /// The id of a policy as people and programs write it.
  public String id(long policy) {
    return PolicyId.format(policyId(policy));
  }

  /// The gateway of a policy; null for a gateway's own.
  public @Nullable String gateway(long policy) {
    return hub.map(of -> of.placed(policy).gateway()).orElse(null);
  }

  /// The name of a policy for people, after that of its gateway where several are read.
  public String placed(long policy) {
    return ofSeveralGateways() ? gateway(policy) + ": " + shown(policy) : shown(policy);
  }

  /// Whether they are those of a hub.
  public boolean ofHub() {
    return hub.isPresent();
  }

  /// Whether they are those of more than one gateway.
  public boolean ofSeveralGateways() {
    return hub.filter(of -> of.gateways().size() > 1).isPresent();
  }

  /// The numbers of the policies that were meant, one on each gateway that has it: one that is
  /// there before one that is deleted.
  ///
  /// @throws UserError if nothing fits on any gateway, or several do on one
  List<Long> find(String typed) {
    if (hub.isEmpty()) {
      return List.of(find(typed, names.keySet()));
    }
    Map<String, List<Long>> byGateway = new TreeMap<>();
    new TreeMap<>(hub.get().policies())
        .forEach((policy, place) ->
            byGateway.computeIfAbsent(place.gateway(), _ -> new ArrayList<>()).add(policy));
    List<Long> found = new ArrayList<>();
    for (List<Long> ofGateway : byGateway.values()) {
      try {
        found.add(find(typed, ofGateway));
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.NOT_FOUND) {
          throw e;
        }
      }
    }
    if (found.isEmpty()) {
      Map<String, Long> distinct = new LinkedHashMap<>();
      new TreeMap<>(names).forEach((policy, _) -> distinct.putIfAbsent(name(policy), policy));
      long _ = finder(distinct.values()).find(typed);
    }
    return found;
  }

  private long find(String typed, Iterable<Long> among) {
    List<Long> there = new ArrayList<>();
    List<Long> gone = new ArrayList<>();
    among.forEach(policy -> (deleted.contains(policy) ? gone : there).add(policy));
    try {
      return finder(there).find(typed);
    } catch (UserError e) {
      if (e.exitCode() != ExitCode.NOT_FOUND || gone.isEmpty()) {
        throw e;
      }
      try {
        return finder(gone).find(typed);
      } catch (UserError other) {
        throw other.exitCode() == ExitCode.NOT_FOUND ? e : other;
      }
    }
  }

  private Finder<Long> finder(Iterable<Long> among) {
    List<Long> policies = new ArrayList<>();
    among.forEach(policies::add);
    return new Finder<>("policy", policies, this::id, this::name, "policy list");
  }
}
