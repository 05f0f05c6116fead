/// The SQLite database: opening, the schema's version and migration, transactions, errors as
/// sentences with exit codes.
///
/// What changes rows (snapshots, deletions, archives, retention, audit) does so through JDBI, by
/// [Transaction#handle]: a statement is one call, and the rows of a snapshot are one batch. What
/// only reads uses JDBC through [RowReader], because a short command that loads JDBI takes longer
/// to start. JDBC alone is left where a statement is prepared once and run for many rows: the scans
/// of an export, roll-ups, and opening.
///
/// In: paths and actions. Out: connections, values, [SqliteErrors] translated. Never knows: what a
/// command is.
@NullMarked
package dev.patronus.store;

import org.jspecify.annotations.NullMarked;
