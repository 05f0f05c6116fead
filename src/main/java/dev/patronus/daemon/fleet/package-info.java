/// Sending to the hub of a fleet, in a thread that nothing waits for.
///
/// In: the address of a hub, a database. Out: what was sent and what waits, for the status and the
/// metrics. Never knows: sources, counters.
@NullMarked
package dev.patronus.daemon.fleet;

import org.jspecify.annotations.NullMarked;
