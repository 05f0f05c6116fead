/// What a hub has not got of this database yet: the changes that triggers note, and the rows that
/// came since.
///
/// A batch is read within one read transaction, so that it fits together; what the hub has taken is
/// known by marks, which the hub keeps with the rows.
///
/// In: marks. Out: batches as JSON, and the marks behind them. Never knows: PostgreSQL,
/// connections.
@NullMarked
package dev.patronus.store.outbox;

import org.jspecify.annotations.NullMarked;
