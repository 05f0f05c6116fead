package dev.patronus.cli.policy;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.store.Database;
import dev.patronus.store.table.PolicyStatsTable;
import dev.patronus.store.table.PolicyTable;
import java.util.List;

/// `patronus policy show`: one policy, as it is stored and as it is understood.
public final class PolicyShowCommand extends Command {
  private final Option<String> policy =
      argument(
          "POLICY",
          "1",
          text -> text,
          Completes.POLICY,
          "the policy, by id, name or the beginning of one");

  public PolicyShowCommand() {
    super(
        "Shows a policy: its position in the matching order, its rules in words and"
            + " as stored, and its traffic.");
    example("policy show voice", "the policy named voice");
    example("policy show 9223372036854775808 --json", "by id, as JSON");
  }

  @Override
  public Answer run(Invocation call) {
    Database database = call.database();
    List<PolicyTable.Row> all = new PolicyTable(database).rows();
    PolicyTable.Row row = PolicyTexts.finder(all).find(policy.get());
    PolicyTraffic traffic =
        new PolicyStatsTable(database)
            .latest().stream()
                .filter(each -> each.policyId() == row.policy().id())
                .findFirst()
                .orElseThrow();
    Answer answer = new Answer().facts("policy", "", facts(all, traffic, call.format()), row);
    PolicyTexts.problems(row.policy()).forEach(problem -> answer.say("Invalid: " + problem));
    return answer;
  }

  private static List<Column<PolicyTable.Row>> facts(
      List<PolicyTable.Row> all, PolicyTraffic traffic, Format format) {
    return List.of(
        Column.of("policy_id", Kind.ID, PolicyTexts::id),
        Column.of("name", Kind.TEXT, row -> row.policy().name()),
        Column.of("priority", Kind.NUMBER, row -> row.policy().priority()),
        Column.of("enabled", Kind.FLAG, row -> row.policy().enabled()),
        PolicyTexts.MATCHES,
        PolicyTexts.PREFERS,
        PolicyTexts.matchRules(format),
        PolicyTexts.pathPreference(format),
        PolicyTexts.PROBLEMS,
        Column.of("position", Kind.NUMBER, row -> all.indexOf(row) + 1L),
        Column.of("policies", Kind.NUMBER, _ -> (long) all.size()),
        Column.of("packets_matched", Kind.COUNT, _ -> traffic.packets()),
        Column.of("bytes_matched", Kind.BYTES, _ -> traffic.bytes()),
        Column.of("active_flows", Kind.COUNT, _ -> traffic.activeFlows()),
        Column.of("last_updated", Kind.TIME, _ -> traffic.lastUpdated()));
  }
}
