/// Files that appear complete or not at all, with an explicit mode, and the rules for what may be
/// replaced or deleted.
///
/// In: a path and bytes. Out: a file. Never knows: what the bytes mean.
@NullMarked
package dev.patronus.file;

import org.jspecify.annotations.NullMarked;
