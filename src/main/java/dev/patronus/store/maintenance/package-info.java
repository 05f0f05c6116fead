/// Creating, checking, upgrading and copying a database, and free queries that can change nothing.
///
/// In: a database. Out: findings, a copy, rows. Never knows: how findings are shown.
package dev.patronus.store.maintenance;
