/// Completion of commands, options and live names for shells and the prompt.
///
/// In: the words before the cursor. Out: candidates. Never knows: how a shell asks for them.
@NullMarked
package dev.patronus.cli.complete;

import org.jspecify.annotations.NullMarked;
