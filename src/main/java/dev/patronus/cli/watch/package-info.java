/// `--watch`: answers repeated at an interval, as a screen, lines, rows or documents; those of
/// `stats` with rates and a summary.
///
/// In: answers, traffic readings, keys, signals. Out: frames. Never knows: how traffic is read.
@NullMarked
package dev.patronus.cli.watch;

import org.jspecify.annotations.NullMarked;
