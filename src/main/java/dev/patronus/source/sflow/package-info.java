/// sFlow version 5 as flow records: packets that switches and routers sampled.
///
/// In: datagrams and their senders. Out: one estimated [FlowRecord][dev.patronus.flow.FlowRecord] a
/// sample. Never knows: sockets, counters of interfaces, payload.
@NullMarked
package dev.patronus.source.sflow;

import org.jspecify.annotations.NullMarked;
