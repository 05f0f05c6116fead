/// The `stats` commands: current traffic, history, live flows, reset.
///
/// In: options. Out: answers. Never knows: SQL, sockets.
package dev.patronus.cli.stats;
