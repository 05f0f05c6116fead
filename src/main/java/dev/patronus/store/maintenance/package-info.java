/// Creating, checking, upgrading and copying a database, and free queries that can change nothing.
///
/// In: a database. Out: findings, a copy, rows. Never knows: how findings are shown.
@NullMarked
package dev.patronus.store.maintenance;

import org.jspecify.annotations.NullMarked;
