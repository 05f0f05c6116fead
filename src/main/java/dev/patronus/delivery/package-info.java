/// Bytes leave the house: files that appear whole or not at all, an encoder on a thread of its own,
/// and the memory of what was already handed over.
///
/// In: batches of rows, a name, a state. Out: finished files. Never knows: which table the rows are
/// from, what a column means, who asked.
package dev.patronus.delivery;
