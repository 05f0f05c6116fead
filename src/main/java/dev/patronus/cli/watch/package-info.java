/// `stats --watch`: readings repeated at an interval, as a screen, lines, rows or documents.
///
/// In: traffic readings, keys, signals. Out: frames. Never knows: how traffic is read.
@NullMarked
package dev.patronus.cli.watch;

import org.jspecify.annotations.NullMarked;
