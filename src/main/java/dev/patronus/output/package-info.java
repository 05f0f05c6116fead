/// The answer of a command, printed as a table, JSON, NDJSON or CSV.
///
/// In: an [Answer]: facts, tables, sentences. Out: bytes in the format that was asked for. Never
/// knows: where rows come from, which command asked, how an option is spelled.
@NullMarked
package dev.patronus.output;

import org.jspecify.annotations.NullMarked;
