package dev.patronus.cli;

import static dev.patronus.cli.Entry.command;

import java.util.List;

/// All commands, in the order in which the help shows them.
public final class Entries {
  /// The root of the tree.
  public static final Entry ROOT =
      new Entry(
          "patronus",
          "The administration tool of the Patronus SD-WAN platform.",
          RootCommand::new,
          List.of(command("stats", "Show what each policy carries now.", StatsCommand::new)),
          false);

  private Entries() {}
}
