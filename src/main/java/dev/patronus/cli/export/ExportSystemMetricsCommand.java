package dev.patronus.cli.export;

import dev.patronus.store.scan.ExportTable;

/// `patronus export system-metrics`: what the gateway measured of itself.
public final class ExportSystemMetricsCommand extends ExportCommand {
  public ExportSystemMetricsCommand() {
    super(
        ExportTable.SYSTEM_METRICS,
        "Exports the gateway's own measurements in the order in which they were" + " written.");
    example("export system-metrics", "all rows as CSV");
    example(
        "export system-metrics --since today -o ndjson",
        "the rows of today, one JSON object per line");
  }
}
