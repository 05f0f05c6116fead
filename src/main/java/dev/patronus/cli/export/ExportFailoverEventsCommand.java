package dev.patronus.cli.export;

import dev.patronus.cli.command.Invocation;
import dev.patronus.output.Format;
import dev.patronus.store.scan.ExportTable;
import java.util.List;

/// `patronus export failover-events`: what happened to failover policies.
public final class ExportFailoverEventsCommand extends ExportCommand {
  public ExportFailoverEventsCommand() {
    super(
        ExportTable.FAILOVER_EVENTS,
        "Exports the events of failover policies in the order in which they were written. Only"
            + " the newest schema version has them.");
    example("export failover-events --range 2026-11", "the events of November as CSV");
    example(
        "export failover-events --columns time,policy_name,event_type,reason -o ndjson",
        "with the names of the policies, one JSON object per line");
  }

  @Override
  List<String> defaultColumns(Format format, Invocation call) {
    List<String> names = super.defaultColumns(format, call);
    if (format == Format.TABLE) {
      names.add(1, "policy_name");
    }
    return names;
  }
}
