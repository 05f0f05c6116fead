package dev.patronus.cli;

import dev.patronus.store.Extract;

/// `patronus export audit`: the audit trail.
final class ExportAuditCommand extends ExportCommand {
  ExportAuditCommand() {
    super(Extract.AUDIT, "Exports the audit trail, in the order in which it was written.");
    example("export audit", "the whole trail as CSV");
    example("export audit --range 2026-11 --file audit.json", "a month of it as one document");
  }
}
