package dev.patronus.cli.export;

import dev.patronus.store.scan.ExportTable;

/// `patronus export policies`: the routing policies as they are written.
public final class ExportPoliciesCommand extends ExportCommand {
  public ExportPoliciesCommand() {
    super(
        ExportTable.POLICIES,
        "Exports the policies ordered by id; in JSON output the rules are JSON too.");
    example("export policies", "all policies as CSV");
    example("export policies -o json", "all rows as one JSON document");
  }
}
