package dev.patronus.cli.traffic;

import dev.patronus.cli.option.Finder;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.policy.PolicyId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds the rows of a policy by its name: one, or on a hub one of each gateway that has it.
final class NamedRows {
  private NamedRows() {}

  /// Those of these rows that are of a policy.
  ///
  /// @throws UserError if there is none, or a gateway has several that fit
  static List<TrafficRow> find(String policy, List<TrafficRow> rows) {
    Map<String, List<TrafficRow>> byGateway = new LinkedHashMap<>();
    for (TrafficRow row : rows) {
      String gateway = row.gateway() == null ? "" : row.gateway();
      byGateway.computeIfAbsent(gateway, _ -> new ArrayList<>()).add(row);
    }
    List<TrafficRow> found = new ArrayList<>();
    for (List<TrafficRow> ofGateway : byGateway.values()) {
      try {
        found.add(finder(ofGateway).find(policy));
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.NOT_FOUND) {
          throw e;
        }
      }
    }
    if (found.isEmpty()) {
      Map<String, TrafficRow> distinct = new LinkedHashMap<>();
      rows.forEach(row -> distinct.putIfAbsent(row.traffic().name(), row));
      return List.of(finder(List.copyOf(distinct.values())).find(policy));
    }
    return found;
  }

  private static Finder<TrafficRow> finder(List<TrafficRow> rows) {
    return new Finder<>(
        "policy",
        rows,
        row -> PolicyId.format(row.traffic().policyId()),
        row -> row.traffic().name(),
        "policy list");
  }
}
