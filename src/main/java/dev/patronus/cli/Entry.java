package dev.patronus.cli;

import dev.patronus.cli.Subcommand.Example;
import java.util.List;
import java.util.function.Supplier;

/// A place in the tree of commands: how it is called, one line about it, and how it is built.
///
/// Immutable. Nothing is built until it is called.
///
/// @param children the commands below it; empty for most
/// @param hidden whether the help leaves it out
public record Entry(
    String name,
    String summary,
    Supplier<? extends Subcommand> maker,
    List<Entry> children,
    boolean hidden) {

  public Entry {
    children = List.copyOf(children);
  }

  /// A command.
  static Entry command(String name, String summary, Supplier<? extends Subcommand> maker) {
    return new Entry(name, summary, maker, List.of(), false);
  }

  /// A command that also has commands below it.
  static Entry command(
      String name, String summary, Supplier<? extends Subcommand> maker, Entry... children) {
    return new Entry(name, summary, maker, List.of(children), false);
  }

  /// A command that only holds others.
  static Entry group(String name, String summary, Example example, Entry... children) {
    return new Entry(name, summary, () -> new Group(example), List.of(children), false);
  }

  /// A command that the help does not show.
  static Entry hidden(String name, String summary, Supplier<? extends Subcommand> maker) {
    return new Entry(name, summary, maker, List.of(), true);
  }
}
