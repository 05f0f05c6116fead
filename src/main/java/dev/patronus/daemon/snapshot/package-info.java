/// The work on the database: snapshots, their time stamps, retention.
///
/// In: totals, times. Out: rows. Never knows: sources, sockets.
package dev.patronus.daemon.snapshot;
