/// The platform's tables, one class per table.
///
/// In: values. Out: rows as values. Never knows: which command asks.
@NullMarked
package dev.patronus.store.table;

import org.jspecify.annotations.NullMarked;
