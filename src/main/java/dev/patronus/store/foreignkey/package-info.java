/// The references between tables, declared as foreign keys or kept by the platform without one, and
/// the SQL that follows them.
///
/// In: the schema of an open database. Out: which tables depend on which, and conditions that find
/// the rows that point at other rows or at nothing. Never knows: what is done with the rows.
@NullMarked
package dev.patronus.store.foreignkey;

import org.jspecify.annotations.NullMarked;
