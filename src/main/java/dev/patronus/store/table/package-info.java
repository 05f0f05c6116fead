/// The tables of the platform and ours: readers and writers of their rows.
///
/// In: values. Out: rows as values. Never knows: which command asks.
@NullMarked
package dev.patronus.store.table;

import org.jspecify.annotations.NullMarked;
