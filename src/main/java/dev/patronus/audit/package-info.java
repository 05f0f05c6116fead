/// The audit trail: who made a change ([Actor]), what was changed (the sealed [AuditEvent]), and
/// the platform's JSON form of both.
///
/// In: the environment of the process and the change. Out: the values of a row of `audit_logs`.
/// Never knows: where the row is stored.
@NullMarked
package dev.patronus.audit;

import org.jspecify.annotations.NullMarked;
