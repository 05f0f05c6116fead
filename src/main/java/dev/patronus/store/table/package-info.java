/// The platform's tables, one class per table.
///
/// In: values. Out: rows as values. Never knows: which command asks.
package dev.patronus.store.table;
