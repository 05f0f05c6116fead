/// Each record is classified once per flow and counted into the flow table and the policy counters.
///
/// In: [dev.patronus.flow.FlowRecord] from any number of sources, policies, questions. Out:
/// [dev.patronus.flow.Snapshot], the live flows, and a file of counters that outlives the process.
/// Never knows: who observed a record, that there is a database, who asks.
package dev.patronus.collect;
