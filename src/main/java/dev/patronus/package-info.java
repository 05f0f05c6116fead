/// The entry point: [Main] wires the program and exits.
///
/// In: the words that were typed. Out: an exit code. Never knows: any command by name.
@NullMarked
package dev.patronus;

import org.jspecify.annotations.NullMarked;
