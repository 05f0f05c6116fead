package dev.patronus.cli;

import dev.patronus.store.Extract;

/// `patronus export policies`: the routing policies as they are written.
final class ExportPoliciesCommand extends ExportCommand {
  ExportPoliciesCommand() {
    super(
        Extract.POLICIES,
        "Exports the policies, in the order of their ids; in JSON their rules are JSON too.");
    example("export policies", "all policies as CSV");
    example("export policies -o json", "the same as one JSON document");
  }
}
