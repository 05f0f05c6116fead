/// Where records come from: what all sources share.
///
/// In: a [SourceUri], as an administrator wrote it. Out:
/// [FlowRecord][dev.patronus.flow.FlowRecord]s into a [FlowSink][dev.patronus.flow.FlowSink], and a
/// [Health] that somebody else looks after. Never knows: what a policy is, where the totals go,
/// when it is worth trying again.
package dev.patronus.source;
