package dev.patronus.cli.policy;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.GatewayRow;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.error.Counted;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyFinding;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.Shadowing;
import dev.patronus.store.table.PolicyTable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `patronus policy list`: the policies in the order in which they are asked.
public final class PolicyListCommand extends WatchedCommand {
  /// How many problems are told below the list.
  private static final int PROBLEMS_MOST = 20;

  private final Option<Boolean> invalid =
      flag("--invalid", "only policies with an invalid rule or preference");

  private final ListOptions list = new ListOptions(this);
  private final FleetOptions fleet = new FleetOptions(this);
  private final Option<Boolean> deleted = fleet.deleted(this, "policies");

  public PolicyListCommand() {
    super(
        "Shows the policies in matching order: higher priority first, then name, then"
            + " id; a flow belongs to the first enabled policy that matches it. A policy"
            + " with invalid rules matches nothing; it is listed with the field and the"
            + " reason. So is a policy that never matches, because one before it matches all"
            + " of its traffic.");
    example("policy list", "all policies in matching order");
    example("policy list --invalid", "policies that match nothing because their rules are invalid");
    example("policy list -o csv --columns name,match_rules", "the rules as stored");
    example("policy list --fleet --invalid", "invalid policies of all gateways of the hub");
  }

  @Override
  protected void check() {
    fleet.check();
    fleet.checkDeleted(deleted.get(), "policy deleted");
    super.check();
  }

  @Override
  protected Answer answer(Invocation call) {
    if (fleet.given()) {
      FleetReading.Listed<PolicyTable.Row> found =
          FleetReading.policies(call, fleet, deleted.get());
      IdentityHashMap<PolicyTable.Row, Policy> shadows = new IdentityHashMap<>();
      for (String gateway : found.gateways()) {
        shadows.putAll(
            shadows(
                found.rows().stream()
                    .filter(each -> gateway.equals(each.gateway()) && each.deletedAt().isEmpty())
                    .map(GatewayRow::row)
                    .toList()));
      }
      return answer(
          call,
          found.rows(),
          shadows,
          found.several(),
          GatewayRow.columns(columns(shadows, call), found.several(), deleted.get()));
    }
    List<PolicyTable.Row> own = new PolicyTable(call.database()).rows();
    IdentityHashMap<PolicyTable.Row, Policy> shadows = shadows(own);
    return answer(
        call,
        own.stream().map(GatewayRow::own).toList(),
        shadows,
        false,
        GatewayRow.columns(columns(shadows, call)));
  }

  private Answer answer(
      Invocation call,
      List<GatewayRow<PolicyTable.Row>> all,
      IdentityHashMap<PolicyTable.Row, Policy> shadows,
      boolean several,
      List<Column<GatewayRow<PolicyTable.Row>>> columns) {
    List<GatewayRow<PolicyTable.Row>> shown =
        invalid.get()
            ? all.stream()
                .filter(each -> !PolicyTexts.problems(each.row().policy()).isEmpty())
                .toList()
            : all;
    Answer answer = new Answer();
    list.show(Table.of("policies", columns, shown), answer, call);
    if (shown.isEmpty()) {
      answer.note(all.isEmpty() ? "There are no policies." : "All policies are valid.");
    }
    sayProblems(shown, shadows, several, answer);
    return answer;
  }

  /// For each policy of one gateway that never matches the one before it that takes all of its
  /// traffic.
  private static IdentityHashMap<PolicyTable.Row, Policy> shadows(List<PolicyTable.Row> rows) {
    Map<Long, Policy> byId = Shadowing.of(rows.stream().map(PolicyTable.Row::policy).toList());
    IdentityHashMap<PolicyTable.Row, Policy> shadows = new IdentityHashMap<>();
    for (PolicyTable.Row row : rows) {
      Policy shadow = byId.get(row.policy().id());
      if (shadow != null) {
        shadows.put(row, shadow);
      }
    }
    return shadows;
  }

  private static List<Column<PolicyTable.Row>> columns(
      IdentityHashMap<PolicyTable.Row, Policy> shadows, Invocation call) {
    Column<PolicyTable.Row> id = Column.of("policy_id", "ID", Kind.ID, PolicyTexts::id);
    List<Column<PolicyTable.Row>> columns = new ArrayList<>();
    boolean people = call.format() == Format.TABLE;
    if (!people) {
      columns.add(id);
    }
    columns.add(Column.of("name", "POLICY", Kind.TEXT, row -> row.policy().name()));
    columns.add(Column.of("priority", "PRIO", Kind.NUMBER, row -> row.policy().priority()));
    columns.add(Column.of("enabled", "ON", Kind.FLAG, row -> row.policy().enabled()));
    columns.add(PolicyTexts.MATCHES);
    columns.add(PolicyTexts.PREFERS);
    if (people) {
      columns.add(id);
    }
    columns.addAll(
        List.of(
            PolicyTexts.matchRules(call.format()).detailIf(true),
            PolicyTexts.pathPreference(call.format()).detailIf(true),
            PolicyTexts.PROBLEMS.detailIf(true),
            Column.detail("shadowed_by", Kind.TEXT, row -> shadow(row, shadows).map(Policy::name)),
            Column.detail(
                "shadowed_by_id",
                Kind.ID,
                row -> shadow(row, shadows).map(earlier -> PolicyId.format(earlier.id())))));
    return columns;
  }

  /// The policy that takes all that this one would match.
  private static Optional<Policy> shadow(
      PolicyTable.Row row, IdentityHashMap<PolicyTable.Row, Policy> shadows) {
    return Optional.ofNullable(shadows.get(row));
  }

  /// Says what is wrong with the policies that are shown: the first of them, and how many more.
  private static void sayProblems(
      List<GatewayRow<PolicyTable.Row>> shown,
      IdentityHashMap<PolicyTable.Row, Policy> shadows,
      boolean several,
      Answer answer) {
    List<String> problems = new ArrayList<>();
    for (GatewayRow<PolicyTable.Row> each : shown) {
      PolicyTable.Row row = each.row();
      Policy policy = row.policy();
      String of = several ? " of " + each.gateway() : "";
      String who =
          "Policy '" + policy.name() + "'" + of + " (" + PolicyId.format(policy.id()) + "): ";
      PolicyTexts.problems(policy).forEach(problem -> problems.add(who + problem));
      shadow(row, shadows)
          .map(PolicyFinding::shadowedBy)
          .ifPresent(shadowed -> problems.add(who + shadowed));
    }
    problems.stream().limit(PROBLEMS_MOST).forEach(answer::say);
    if (problems.size() > PROBLEMS_MOST) {
      answer.say(
          "There are "
              + Counted.grouped(problems.size() - PROBLEMS_MOST)
              + " more problems; 'patronus policy check' lists them.");
    }
  }
}
