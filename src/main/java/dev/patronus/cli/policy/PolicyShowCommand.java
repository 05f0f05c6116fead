package dev.patronus.cli.policy;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyFinding;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.Shadowing;
import dev.patronus.store.Database;
import dev.patronus.store.table.PolicyStatsTable;
import dev.patronus.store.table.PolicyTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `patronus policy show`: one policy, as it is stored and as it is understood.
public final class PolicyShowCommand extends Command {
  private static final List<Column<PolicyTraffic>> TRAFFIC =
      List.of(
          Column.of("packets_matched", Kind.COUNT, PolicyTraffic::packets),
          Column.of("bytes_matched", Kind.BYTES, PolicyTraffic::bytes),
          Column.of("active_flows", Kind.COUNT, PolicyTraffic::activeFlows),
          Column.of("last_updated", Kind.TIME, PolicyTraffic::lastUpdated));

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
    Policy shadow =
        Shadowing.of(all.stream().map(PolicyTable.Row::policy).toList()).get(row.policy().id());
    List<Column<PolicyTable.Row>> facts = new ArrayList<>(facts(all, call.format()));
    if (call.format() != Format.TABLE) {
      facts.add(
          Column.of("shadowed_by", Kind.TEXT, _ -> Optional.ofNullable(shadow).map(Policy::name)));
    }
    facts.addAll(Column.of(TRAFFIC, _ -> traffic));
    Answer answer = new Answer().facts("policy", "", facts, row);
    PolicyTexts.problems(row.policy()).forEach(problem -> answer.say("Invalid: " + problem));
    if (shadow != null) {
      answer.say("It " + PolicyFinding.shadowedBy(shadow) + ".");
    }
    return answer;
  }

  private static List<Column<PolicyTable.Row>> facts(List<PolicyTable.Row> all, Format format) {
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
        Column.of("policies", Kind.NUMBER, _ -> (long) all.size()));
  }
}
