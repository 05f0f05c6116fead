package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Option;
import java.util.List;
import java.util.function.Function;
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

  /// The words that were typed.
  public List<String> typed() {
    return typed.or(List.of());
  }

  /// The ids of those that were meant, out of some; empty if all are.
  public <T> List<Long> idsOf(Finder<T> finder, ToLongFunction<T> id) {
    return typed.or(List.of()).stream()
        .map(text -> id.applyAsLong(finder.find(text)))
        .distinct()
        .toList();
  }

  /// What there is of those that were meant.
  public <T> List<T> among(Function<String, List<T>> find) {
    return typed.or(List.of()).stream()
        .flatMap(text -> find.apply(text).stream())
        .distinct()
        .toList();
  }

  /// The numbers of those that were meant, deleted ones included; empty if all are.
  public List<Long> numbersOf(PolicyNames names) {
    return typed.or(List.of()).stream()
        .flatMap(text -> names.find(text).stream())
        .distinct()
        .toList();
  }
}
