/// The values that all sources and counters share: what was seen, between which endpoints, how
/// much.
///
/// In: nothing. Out: [FlowRecord] (one observation), [Snapshot] (totals at one instant), and
/// [FlowSink], the receiver of a source's records. Never knows: which source a record came from,
/// which policy matched it, that a disk exists.
@NullMarked
package dev.patronus.flow;

import org.jspecify.annotations.NullMarked;
