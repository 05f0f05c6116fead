package dev.patronus.cli.failover;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.Finder;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.Path;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.site.failover.FailoverUse;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// How failover policies are found, and how they read.
public final class FailoverTexts {
  /// What stands for the status of a path that does not exist.
  static final String MISSING = "missing";

  private FailoverTexts() {}

  /// Finds a failover policy among these by id, name or the beginning of one.
  public static Finder<FailoverPolicy> finder(List<FailoverPolicy> policies) {
    return new Finder<>(
        "failover policy",
        policies,
        policy -> PolicyId.format(policy.id()),
        FailoverPolicy::name,
        "failover list");
  }

  /// All paths by their ids as failover policies write them.
  static Map<String, Path> paths(Invocation call) {
    return new PathTable(call.database())
        .all().stream()
            .map(PathTable.Row::path)
            .collect(Collectors.toMap(path -> Long.toString(path.id()), Function.identity()));
  }

  /// What a path is to a failover policy.
  static Optional<String> role(FailoverPolicy policy, String pathId) {
    return policy.use(pathId).map(FailoverUse::role);
  }

  /// The status of a path that a failover policy names.
  static String status(Optional<Path> path) {
    return path.map(known -> known.status().text()).orElse(MISSING);
  }

  /// Tells a person that the schema version has no failover policies.
  static void sayIfMissing(FailoverTable table, Invocation call) {
    if (!table.exists() && call.terminal().err()) {
      call.say(
          "schema version '"
              + call.database().schema().age()
              + "' has no table sdwan_failover_policies; there are no failover policies.");
    }
  }
}
