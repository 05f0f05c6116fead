package dev.patronus.cli.policy;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.store.table.PolicyTable;
import java.util.List;

/// `patronus policy list`: the policies in the order in which they are asked.
public final class PolicyListCommand extends Command {
  /// Screens narrower than this show what a policy takes rather than its id of twenty digits.
  private static final int COLUMNS_FOR_IDS = 100;

  private final Option<Boolean> invalid =
      flag("--invalid", "only policies with an invalid rule or preference");

  private final ListOptions list = new ListOptions(this);

  public PolicyListCommand() {
    super(
        "Shows the policies in matching order: higher priority first, then name, then"
            + " id; a flow belongs to the first enabled policy that matches it. A policy"
            + " with invalid rules matches nothing; it is listed with the field and the"
            + " reason.");
    example("policy list", "all policies in matching order");
    example("policy list --invalid", "policies that match nothing because their rules are invalid");
    example("policy list -o csv --columns name,match_rules", "the rules as stored");
  }

  @Override
  public Answer run(Invocation call) {
    List<PolicyTable.Row> all = new PolicyTable(call.database()).rows();
    List<PolicyTable.Row> shown =
        invalid.get()
            ? all.stream().filter(row -> !PolicyTexts.problems(row.policy()).isEmpty()).toList()
            : all;
    Answer answer = new Answer();
    list.show(Table.of("policies", columns(call), shown), answer, call);
    if (shown.isEmpty()) {
      answer.note(all.isEmpty() ? "There are no policies." : "All policies are valid.");
    }
    for (PolicyTable.Row row : shown) {
      complain(row.policy(), answer);
    }
    return answer;
  }

  private static List<Column<PolicyTable.Row>> columns(Invocation call) {
    int screen = call.screen().columns();
    boolean narrow = screen > 0 && screen < COLUMNS_FOR_IDS;
    return List.of(
        narrow
            ? Column.detail("policy_id", Kind.ID, PolicyTexts::id)
            : Column.of("policy_id", "ID", Kind.ID, PolicyTexts::id),
        Column.of("name", "POLICY", Kind.TEXT, row -> row.policy().name()),
        Column.of("priority", "PRIO", Kind.NUMBER, row -> row.policy().priority()),
        Column.of("enabled", "ON", Kind.FLAG, row -> row.policy().enabled()),
        PolicyTexts.MATCHES,
        PolicyTexts.PREFERS,
        PolicyTexts.matchRules(call.format()).detailIf(true),
        PolicyTexts.pathPreference(call.format()).detailIf(true),
        PolicyTexts.PROBLEMS.detailIf(true));
  }

  private static void complain(Policy policy, Answer answer) {
    for (String problem : PolicyTexts.problems(policy)) {
      answer.say(
          "Policy '" + policy.name() + "' (" + PolicyId.format(policy.id()) + "): " + problem);
    }
  }
}
