package dev.patronus.cli.export;

import dev.patronus.store.scan.ExportTable;

/// `patronus export audit`: the audit trail.
public final class ExportAuditCommand extends ExportCommand {
  public ExportAuditCommand() {
    super(ExportTable.AUDIT, "Exports the audit trail in the order in which it was written.");
    example("export audit", "the whole audit trail as CSV");
    example("export audit --range 2026-11 --file audit.json", "one month as a JSON document");
  }
}
