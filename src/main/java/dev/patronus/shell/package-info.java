/// The interactive prompt and the script reader: lines are split into words and pipe filters.
///
/// In: what a person types at a terminal, or lines from a pipe. Out: [TypedLine]s for [Commands] to
/// run, and the exit code of the whole. Never knows: which commands there are, what they mean, that
/// a database exists.
@NullMarked
package dev.patronus.shell;

import org.jspecify.annotations.NullMarked;
