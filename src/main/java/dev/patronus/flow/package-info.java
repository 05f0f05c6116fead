/// The values that travel: what was seen, between whom, how much.
///
/// In: nothing. Out: [FlowRecord] (one observation), [Snapshot] (totals at one instant), and
/// [FlowSink], the slot that a source drops records into. Never knows: where a record came from,
/// which policy it met, that a disk exists.
package dev.patronus.flow;
