/// The terminal and the end of the process: size, raw mode, closed pipes, the shutdown guard.
///
/// In: file descriptors, signals. Out: sizes and states. Never knows: commands and answers.
@NullMarked
package dev.patronus.cli.terminal;

import org.jspecify.annotations.NullMarked;
