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
/// @param profile how Java is started for it
public record CommandNode(
    String name,
    String summary,
    Supplier<? extends Command> maker,
    List<CommandNode> children,
    boolean hidden,
    Profile profile) {

  /// A set of options for Java. Packaging writes the profiles of the first words of a command line
  /// into the launcher.
  public enum Profile {
    /// For commands that end at once.
    SHORT,
    /// The same with an AOT cache of fewer classes, for commands that show rows and change nothing.
    TABLE,
    /// For commands that work for long.
    LONG,
    /// The same with the AOT cache of [#TABLE], which takes 14 MB less of memory, for commands that
    /// pass rows on.
    STREAM,
    /// For a process that stays small for months.
    DAEMON
  }

  public CommandNode {
    children = List.copyOf(children);
  }

  /// A command for the short profile.
  public CommandNode(
      String name,
      String summary,
      Supplier<? extends Command> maker,
      List<CommandNode> children,
      boolean hidden) {
    this(name, summary, maker, children, hidden, Profile.SHORT);
  }

  /// The same command in another profile.
  public CommandNode in(Profile other) {
    return new CommandNode(name, summary, maker, children, hidden, other);
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
