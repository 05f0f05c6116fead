/// The work on the database: snapshots, their time stamps, retention.
///
/// In: totals, times. Out: rows. Never knows: sources, sockets.
@NullMarked
package dev.patronus.daemon.snapshot;

import org.jspecify.annotations.NullMarked;
