/// Row writers: one class per machine format, streaming.
///
/// In: rows, one by one or in batches. Out: bytes of CSV, JSON or NDJSON. Never knows: where rows
/// come from, the width of a terminal.
@NullMarked
package dev.patronus.output.row;

import org.jspecify.annotations.NullMarked;
