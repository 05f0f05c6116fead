/// The SQLite database: opening, the schema's version and migration, transactions, errors as
/// sentences with exit codes.
///
/// In: paths and actions. Out: connections, values, [SqliteErrors] translated. Never knows: what a
/// command is.
package dev.patronus.store;
