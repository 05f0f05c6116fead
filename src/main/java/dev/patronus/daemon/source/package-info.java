/// The daemon's sources: made from their addresses, supervised, and the names of their state files.
///
/// In: settings. Out: running sources and their health. Never knows: what a record counts for.
@NullMarked
package dev.patronus.daemon.source;

import org.jspecify.annotations.NullMarked;
