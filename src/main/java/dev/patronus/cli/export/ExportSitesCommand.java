package dev.patronus.cli.export;

import dev.patronus.store.scan.ExportTable;

/// `patronus export sites`: the sites of the mesh.
public final class ExportSitesCommand extends ExportCommand {
  public ExportSitesCommand() {
    super(
        ExportTable.SITES,
        "Exports the sites in the order in which they were added. Public keys are" + " Base64.");
    example("export sites", "all sites as CSV");
    example("export sites -o json", "all rows as one JSON document");
  }
}
