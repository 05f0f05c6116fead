package dev.patronus.cli.export;

import dev.patronus.store.scan.ExportTable;

/// `patronus export policies`: the routing policies as they are written.
public final class ExportPoliciesCommand extends ExportCommand {
  public ExportPoliciesCommand() {
    super(
        ExportTable.POLICIES,
        "Exports the policies, in the order of their ids; in JSON their rules are JSON too.");
    example("export policies", "all policies as CSV");
    example("export policies -o json", "the same as one JSON document");
  }
}
