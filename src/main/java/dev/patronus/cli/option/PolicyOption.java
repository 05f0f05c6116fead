package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Option;
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

  /// The ids of those that were meant, out of some; empty if all are.
  public <T> List<Long> idsOf(Finder<T> finder, ToLongFunction<T> id) {
    return typed.or(List.of()).stream()
        .map(text -> id.applyAsLong(finder.find(text)))
        .distinct()
        .toList();
  }

  /// The ids of those that were meant, deleted ones included; empty if all are.
  public List<Long> idsOf(PolicyNames names) {
    return typed.or(List.of()).stream().map(names::find).distinct().toList();
  }
}
