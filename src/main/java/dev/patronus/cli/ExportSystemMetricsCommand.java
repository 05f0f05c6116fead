package dev.patronus.cli;

import dev.patronus.store.Extract;

/// `patronus export system-metrics`: what the gateway measured of itself.
final class ExportSystemMetricsCommand extends ExportCommand {
  ExportSystemMetricsCommand() {
    super(
        Extract.SYSTEM_METRICS,
        "Exports the gateway's own measurements, in the order in which they were written.");
    example("export system-metrics", "all of them as CSV");
    example("export system-metrics --since today -o ndjson", "today's, one JSON object a line");
  }
}
