/// The collecting daemon: builds the pipeline from the sources to the database, starts it,
/// supervises its threads, takes the snapshots, answers control requests and stops it in reverse
/// order.
///
/// In: settings, signals, control requests. Out: snapshots in the database, replies, log lines.
/// Never knows: how a command line is parsed, how a record is decoded.
@NullMarked
package dev.patronus.daemon;

import org.jspecify.annotations.NullMarked;
