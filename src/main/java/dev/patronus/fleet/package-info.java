/// The hub of a fleet: a PostgreSQL database that holds the history of many gateways. Its address,
/// its schema, what the administration changes in it, and what a gateway sends to it.
///
/// `docs/fleet.md` describes the schema and the protocol; the statements that make the schema are
/// the numbered resources beside these classes.
///
/// In: rows of a gateway's database, requests of the administration. Out: one call per batch,
/// values. Never knows: which command asks, how something is shown, the traffic itself.
@NullMarked
package dev.patronus.fleet;

import org.jspecify.annotations.NullMarked;
