/// Who changed what: [Actor], [ProcessUser], the sealed [AuditEvent], and the platform's JSON shape
/// of both.
///
/// In: the environment of the process and its user as the kernel says, the change. Out: the values
/// of a row of `audit_logs`. Never knows: where the row is kept.
package dev.patronus.audit;
