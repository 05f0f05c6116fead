/// Traffic accounting: classifies each flow once, counts every record into the flow table and the
/// policy counters.
///
/// In: [dev.patronus.flow.FlowRecord]s from any number of sources, policies, requests. Out:
/// [dev.patronus.flow.Snapshot], the live flows, and a counter file that survives the process.
/// Never knows: which source observed a record, that there is a database, which client sends a
/// request.
@NullMarked
package dev.patronus.collect;

import org.jspecify.annotations.NullMarked;
