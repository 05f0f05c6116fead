/// Flow export over UDP: NetFlow v5, v9 and IPFIX on one port.
///
/// In: datagrams, and the template file of the previous run. Out:
/// [FlowRecord][dev.patronus.flow.FlowRecord]s, a named count for everything that became none, and
/// the status of each exporter. Never knows: which policy a flow belongs to; the decoder knows
/// neither socket nor clock.
@NullMarked
package dev.patronus.source.netflow;

import org.jspecify.annotations.NullMarked;
