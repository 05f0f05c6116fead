package dev.patronus.cli;

import static dev.patronus.cli.Entry.command;
import static dev.patronus.cli.Entry.group;

import java.util.List;

/// All commands, in the order in which the help shows them.
public final class Entries {
  /// The root of the tree.
  public static final Entry ROOT =
      new Entry(
          "patronus",
          "The administration tool of the Patronus SD-WAN platform.",
          RootCommand::new,
          List.of(
              command("stats", "Show what each policy carries now.", StatsCommand::new),
              group(
                  "policy",
                  "Look at the routing policies.",
                  command(
                      "list", "List the policies in order of matching.", PolicyListCommand::new),
                  command("show", "Show one policy.", PolicyShowCommand::new)),
              group(
                  "path",
                  "Look at the paths between the sites.",
                  command(
                      "list", "List the paths with their latest metrics.", PathListCommand::new),
                  command("show", "Show one path and its history.", PathShowCommand::new)),
              command("audit", "Show who changed what.", AuditCommand::new)),
          false);

  private Entries() {}
}
