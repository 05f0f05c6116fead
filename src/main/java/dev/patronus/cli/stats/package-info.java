/// The `stats` commands: current traffic, history, live flows, budgets, reset.
///
/// In: options. Out: answers. Never knows: SQL, sockets.
@NullMarked
package dev.patronus.cli.stats;

import org.jspecify.annotations.NullMarked;
