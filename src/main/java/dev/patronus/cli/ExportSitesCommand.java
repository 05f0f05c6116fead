package dev.patronus.cli;

import dev.patronus.store.Extract;

/// `patronus export sites`: the sites of the mesh.
final class ExportSitesCommand extends ExportCommand {
  ExportSitesCommand() {
    super(
        Extract.SITES,
        "Exports the sites, in the order in which they were added. Public keys are in Base64.");
    example("export sites", "all sites as CSV");
    example("export sites -o json", "the same as one JSON document");
  }
}
