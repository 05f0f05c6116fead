/// The command line: [CommandTree] is the list of all commands, [Cli] runs one line and turns an
/// error into a message and an exit code.
///
/// In: the words that were typed. Out: an answer in the format that was asked for, and an exit
/// code. Never knows: SQL, how a number came about.
@NullMarked
package dev.patronus.cli;

import org.jspecify.annotations.NullMarked;
