/// The `stats` commands: current traffic, history, live flows, budgets, reset.
///
/// In: options. Out: answers. Never knows: SQL, sockets.
package dev.patronus.cli.stats;
