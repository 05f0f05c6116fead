package dev.patronus.cli.policy;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.FailOnOption;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.error.Counted;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyFinding;
import dev.patronus.policy.PolicyId;
import dev.patronus.store.table.PolicyTable;
import java.util.List;

/// `patronus policy check`: policies that do not do what they were made for.
public final class PolicyCheckCommand extends Command {
  private static final List<Column<PolicyFinding>> COLUMNS =
      List.of(
          Column.of("severity", Kind.STATUS, PolicyCheckCommand::severity),
          Column.of("name", "POLICY", Kind.TEXT, found -> found.policy().name()),
          Column.of("policy_id", "ID", Kind.ID, found -> PolicyId.format(found.policy().id())),
          Column.of("fault", Kind.KEY, found -> EnumNames.of(found.fault()).replace('-', '_')),
          Column.of("message", Kind.TEXT, PolicyFinding::message),
          Column.of("next_step", Kind.TEXT, PolicyFinding::next));

  private final FailOnOption failOn = new FailOnOption(this);
  private final ListOptions list = new ListOptions(this);

  public PolicyCheckCommand() {
    super(
        "Checks the enabled policies: rules and path preferences that cannot be read,"
            + " conditions that exclude each other (an application class and a protocol that it"
            + " has no ports of), and policies that never match because one policy that comes before them matches all"
            + " of their traffic. Traffic that several policies before it match together is not"
            + " looked for. Exits with 0 if there are no problems, with 1 if there are errors, with"
            + " 10 if there are only warnings.");
    example("policy check", "all problems, with a suggested fix");
    example("policy check --fail-on error -o json", "for a monitoring system");
  }

  @Override
  public Answer run(Invocation call) {
    List<Policy> policies = new PolicyTable(call.database()).all();
    List<PolicyFinding> findings = PolicyFinding.of(policies);
    long errors = findings.stream().filter(found -> found.fault().isError()).count();
    long warnings = findings.size() - errors;
    Answer answer =
        new Answer()
            .member("policies_total", policies.size())
            .member("errors", errors)
            .member("warnings", warnings);
    Table<PolicyFinding> shown = list.chosen(Table.of("findings", COLUMNS, findings));
    if (call.format() == Format.TABLE) {
      shown.rows().forEach(found -> say(found, answer));
      list.sayMore(findings.size(), answer, call);
      answer.say(
          findings.isEmpty()
              ? "No problems found in " + Counted.of(policies.size(), "policy", "policies") + "."
              : Counted.of(errors, "error") + ", " + Counted.of(warnings, "warning") + ".");
    } else {
      answer.table(shown);
    }
    return answer.report().exit(failOn.exitCode(errors > 0, warnings > 0));
  }

  private static String severity(PolicyFinding found) {
    return found.fault().isError() ? "error" : "warning";
  }

  private static void say(PolicyFinding found, Answer answer) {
    answer.say(severity(found) + ": " + PolicyTexts.sentence(found));
    answer.say("  Next: " + found.next() + ".");
  }
}
