/// Streaming reads of large tables for export and charts, page by page, without a long read
/// transaction, by one thread or, in slices of keys, by several.
///
/// In: an [ExportQuery]. Out: batches of rows in a stable order. Never knows: in which format rows
/// are written.
@NullMarked
package dev.patronus.store.scan;

import org.jspecify.annotations.NullMarked;
