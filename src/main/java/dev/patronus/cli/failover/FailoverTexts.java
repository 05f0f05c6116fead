package dev.patronus.cli.failover;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.Finder;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathTable;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// How failover policies are found, and how they read.
public final class FailoverTexts {
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
  static Map<String, PathTable.Row> paths(Invocation call) {
    return new PathTable(call.database())
        .all().stream()
            .collect(Collectors.toMap(row -> Long.toString(row.path().id()), Function.identity()));
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
