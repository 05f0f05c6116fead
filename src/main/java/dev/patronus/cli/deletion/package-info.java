/// The commands that delete, restore and purge, for sites and policies alike: `delete`, `deleted`,
/// `restore`, `purge`; and `db leftovers`.
///
/// In: ids and names, agreement. Out: plans with counts, and what was done. Never knows: how rows
/// are deleted or archived.
@NullMarked
package dev.patronus.cli.deletion;

import org.jspecify.annotations.NullMarked;
