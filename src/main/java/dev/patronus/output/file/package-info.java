/// Export files: the encoder on its own thread, and the state that hands over each row exactly
/// once.
///
/// In: batches of rows, a path, a state file. Out: complete files and the state after them. Never
/// knows: which table the rows are from, what a column means.
@NullMarked
package dev.patronus.output.file;

import org.jspecify.annotations.NullMarked;
