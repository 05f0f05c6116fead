package dev.patronus.cli.policy;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.deletion.ActiveFlows;
import dev.patronus.cli.deletion.DeleteCommand;
import dev.patronus.cli.option.Finder;
import dev.patronus.cli.option.Finder.Beginnings;
import dev.patronus.cli.traffic.TrafficSource;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import dev.patronus.site.ItemKind;
import dev.patronus.store.table.PolicyTable;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/// `patronus policy delete`: policies go with their counters, and can come back.
public final class PolicyDeleteCommand extends DeleteCommand {
  public PolicyDeleteCommand() {
    super(
        ItemKind.POLICY,
        Completes.POLICY,
        "the policies, by id, the beginning of an id, or full name",
        "Deletes routing policies with their counters and all other rows that reference them, in"
            + " one transaction. The daemon then asks the policies after them for their flows. A"
            + " policy that takes traffic at this moment is named before it is deleted.",
        "All rows are first saved in an archive in the same database; 'patronus policy restore'"
            + " restores them unchanged. Other programs cannot write meanwhile: about 2 seconds for"
            + " 100,000 rows of counters; a month has 43,200.");
    example("policy delete guests --dry-run", "preview of what would be deleted with it");
    example("policy delete guests", "preview, confirm and delete");
    example(
        "policy delete guests default --yes --if-exists --json",
        "for a script: no confirmation, and no error if one does not exist");
  }

  @Override
  protected BiFunction<String, Beginnings, String> finder(Invocation call) {
    Finder<PolicyTable.Row> finder = PolicyTexts.finder(new PolicyTable(call.database()).rows());
    return (typed, beginnings) ->
        PolicyId.format(finder.findWhole(typed, beginnings).policy().id());
  }

  @Override
  protected ActiveFlows activeFlows(Invocation call) {
    TrafficNow now = TrafficSource.ask(call);
    return new ActiveFlows(
        now.policies().stream()
            .collect(
                Collectors.toMap(
                    traffic -> PolicyId.format(traffic.policyId()), PolicyTraffic::activeFlows)),
        now.source() == TrafficNow.Source.LIVE ? Optional.empty() : now.asOf());
  }
}
