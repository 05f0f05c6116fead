package dev.patronus.cli.export;

import dev.patronus.store.scan.ExportTable;

/// `patronus export path-metrics`: latency, jitter, loss and bandwidth of paths over time.
public final class ExportPathMetricsCommand extends ExportOfPathsCommand {
  public ExportPathMetricsCommand() {
    super(
        ExportTable.PATH_METRICS,
        "Exports path measurements in the order in which they were written; with"
            + " --path, grouped by path and ordered by time.");
    example("export path-metrics --since 24h", "the last day as CSV");
    example(
        "export path-metrics --columns time,src_site_name,dst_site_name,latency_ms",
        "with the site names of both ends");
  }
}
