package dev.patronus.cli.export;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Format;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.TableScanner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `patronus export path-metrics`: latency, jitter, loss and bandwidth of paths over time.
public final class ExportPathMetricsCommand extends ExportCommand {
  private final Option<List<Long>> paths =
      options(
          "--path",
          "ID",
          text -> EnumNames.wholeNumber(text, 0),
          Completes.PATH,
          "only these paths, each ordered by time; may be repeated");

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

  @Override
  List<String> defaultColumns(Format format, Invocation call) {
    List<String> names = super.defaultColumns(format, call);
    if (format == Format.TABLE) {
      names.addAll(1, List.of("src_site_name", "dst_site_name"));
    }
    return names;
  }

  @Override
  Map<String, Object> asked(Invocation call) {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("paths", paths.given() ? paths.get().stream().map(String::valueOf).toList() : null);
    return asked;
  }

  @Override
  List<Long> groups(Invocation call, TableScanner extraction) {
    return paths.or(List.of());
  }
}
