/// The `db` commands, `sql` and `audit`.
///
/// In: options, a confirmation. Out: answers. Never knows: SQL, except what the user types for
/// `sql`.
package dev.patronus.cli.db;
