/// Completion of commands, options and live names for shells and the prompt.
///
/// In: the words before the cursor. Out: candidates. Never knows: how a shell asks for them.
package dev.patronus.cli.complete;
