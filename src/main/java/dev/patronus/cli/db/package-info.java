/// The `db` commands, `sql` and `audit`.
///
/// In: options, a confirmation. Out: answers. Never knows: SQL, except what the user types for
/// `sql`.
@NullMarked
package dev.patronus.cli.db;

import org.jspecify.annotations.NullMarked;
