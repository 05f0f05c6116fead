package dev.patronus.cli.export;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.fleet.read.FleetReader;
import dev.patronus.output.Format;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.TableScanner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An export of rows of paths, all or those of some paths.
abstract class ExportOfPathsCommand extends ExportCommand {
  private final Option<List<Long>> paths =
      options(
          "--path",
          "ID",
          text -> EnumNames.wholeNumber(text, 0),
          Completes.PATH,
          "only these paths, each ordered by time; may be repeated");

  ExportOfPathsCommand(ExportTable extract, String... description) {
    super(extract, description);
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

  @Override
  Optional<Map<String, long[]>> groups(Invocation call, FleetReader reader) {
    return paths.given()
        ? Optional.of(FleetExport.everywhere(paths.get(), reader))
        : Optional.empty();
  }
}
