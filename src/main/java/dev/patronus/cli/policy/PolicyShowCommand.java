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
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.Shadowing;
import dev.patronus.store.Database;
import dev.patronus.store.table.PolicyStatsTable;
import dev.patronus.store.table.PolicyTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    Map<Column, Object> facts = facts(row, call);
    facts.put(Column.of("position", Kind.NUMBER), (long) all.indexOf(row) + 1);
    facts.put(Column.of("policies", Kind.NUMBER), (long) all.size());
    Policy shadow =
        Shadowing.of(all.stream().map(PolicyTable.Row::policy).toList()).get(row.policy().id());
    if (call.format() != Format.TABLE) {
      facts.put(Column.of("shadowed_by", Kind.TEXT), shadow == null ? null : shadow.name());
    }
    traffic(database, row.policy(), facts);
    Answer answer = new Answer().facts("policy", "", facts);
    PolicyTexts.problems(row.policy()).forEach(problem -> answer.say("Invalid: " + problem));
    if (shadow != null) {
      answer.say("It " + PolicyFinding.shadowedBy(shadow) + ".");
    }
    return answer;
  }

  private static Map<Column, Object> facts(PolicyTable.Row row, Invocation call) {
    Policy policy = row.policy();
    Map<Column, Object> facts = new LinkedHashMap<>();
    facts.put(Column.of("policy_id", Kind.ID), PolicyId.format(policy.id()));
    facts.put(Column.of("name", Kind.TEXT), policy.name());
    facts.put(Column.of("priority", Kind.NUMBER), policy.priority());
    facts.put(Column.of("enabled", Kind.FLAG), policy.enabled());
    facts.put(Column.of("matches", Kind.TEXT), PolicyTexts.matches(policy.rules()));
    facts.put(Column.of("prefers", Kind.TEXT), PolicyTexts.prefers(policy.preference()));
    facts.put(
        Column.of("match_rules", Kind.TEXT),
        PolicyTexts.asWritten(row.matchRules(), call.format()));
    facts.put(
        Column.of("path_preference", Kind.TEXT),
        PolicyTexts.asWritten(row.pathPreference(), call.format()));
    facts.put(Column.of("problems", Kind.TEXT), PolicyTexts.problems(policy));
    return facts;
  }

  private static void traffic(Database database, Policy policy, Map<Column, Object> facts) {
    PolicyTraffic traffic =
        new PolicyStatsTable(database)
            .latest().stream()
                .filter(row -> row.policyId() == policy.id())
                .findFirst()
                .orElseThrow();
    facts.put(Column.of("packets_matched", Kind.COUNT), traffic.packets());
    facts.put(Column.of("bytes_matched", Kind.BYTES), traffic.bytes());
    facts.put(Column.of("active_flows", Kind.COUNT), traffic.activeFlows());
    facts.put(Column.of("last_updated", Kind.TIME), traffic.lastUpdated());
  }
}
