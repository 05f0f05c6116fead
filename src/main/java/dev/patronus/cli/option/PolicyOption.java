package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.store.table.PolicyTable;
import java.util.List;
import java.util.function.ToLongFunction;

/// `--policy`: some of the policies, by id, name, or the beginning of either.
///
/// Confined to the command's thread.
public final class PolicyOption {
  private final Option<List<String>> typed;

  public PolicyOption(Command command) {
    typed =
        command.options(
            "-p --policy",
            "POLICY",
            text -> text,
            Completes.POLICY,
            "only these policies, by id or name; may be repeated");
  }

  public boolean given() {
    return typed.given();
  }

  /// The names of those that were meant; empty if all are.
  public List<String> names(Invocation call) {
    List<Long> ids = idsOf(call);
    return new PolicyTable(call.database())
        .all().stream().filter(policy -> ids.contains(policy.id())).map(Policy::name).toList();
  }

  /// The ids of those that were meant, as people write them; empty if all are.
  public List<String> ids(Invocation call) {
    return idsOf(call).stream().map(PolicyId::format).toList();
  }

  /// The ids of those that were meant, out of some; empty if all are.
  public <T> List<Long> idsOf(Finder<T> finder, ToLongFunction<T> id) {
    return typed.or(List.of()).stream()
        .map(text -> id.applyAsLong(finder.find(text)))
        .distinct()
        .toList();
  }

  /// The ids of those that were meant; empty if all are.
  public List<Long> idsOf(Invocation call) {
    if (!typed.given()) {
      return List.of();
    }
    List<Policy> all = new PolicyTable(call.database()).all();
    return idsOf(
        new Finder<>("policy", all, p -> PolicyId.format(p.id()), Policy::name, "policy list"),
        Policy::id);
  }
}
