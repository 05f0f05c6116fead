package dev.patronus.cli.export;

import dev.patronus.store.scan.ExportTable;

/// `patronus export path-health`: health scores and status of paths over time.
public final class ExportPathHealthCommand extends ExportOfPathsCommand {
  public ExportPathHealthCommand() {
    super(
        ExportTable.PATH_HEALTH,
        "Exports the health samples of paths in the order in which they were written; with"
            + " --path, grouped by path and ordered by time. Only the newest schema version"
            + " has them.");
    example("export path-health --since 24h", "the last day as CSV");
    example(
        "export path-health --path 1 --columns time,status,health_score", "the status of a path");
  }
}
