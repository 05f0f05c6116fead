package dev.patronus.cli.command;

import dev.patronus.cli.command.Command.Example;
import java.util.List;
import java.util.function.Supplier;

/// A place in the tree of commands: how it is called, one line about it, and how it is built.
///
/// Immutable. Nothing is built until it is called.
///
/// @param children the commands below it; empty for most
/// @param hidden whether the help leaves it out
public record CommandNode(
    String name,
    String summary,
    Supplier<? extends Command> maker,
    List<CommandNode> children,
    boolean hidden) {

  public CommandNode {
    children = List.copyOf(children);
  }

  /// A command.
  public static CommandNode command(
      String name, String summary, Supplier<? extends Command> maker) {
    return new CommandNode(name, summary, maker, List.of(), false);
  }

  /// A command that also has commands below it.
  public static CommandNode command(
      String name, String summary, Supplier<? extends Command> maker, CommandNode... children) {
    return new CommandNode(name, summary, maker, List.of(children), false);
  }

  /// A command that only holds others.
  public static CommandNode group(
      String name, String summary, Example example, CommandNode... children) {
    return new CommandNode(
        name, summary, () -> new CommandGroup(example), List.of(children), false);
  }

  /// A command that the help does not show.
  public static CommandNode hidden(String name, String summary, Supplier<? extends Command> maker) {
    return new CommandNode(name, summary, maker, List.of(), true);
  }
}
