/// What all traffic sources share: their addresses, threads, health and the journal of running
/// totals.
///
/// In: a [SourceUri], as an administrator wrote it. Out:
/// [FlowRecord][dev.patronus.flow.FlowRecord]s into a [FlowSink][dev.patronus.flow.FlowSink], and
/// the source's [Health]. Never knows: what a policy is, where the totals go, when a restart is
/// worth a try.
@NullMarked
package dev.patronus.source;

import org.jspecify.annotations.NullMarked;
