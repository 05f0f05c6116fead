/// The kernel's connection tracking accounting as flow records.
///
/// In: netlink messages about the connection tracking table of this network namespace. Out:
/// [FlowRecord][dev.patronus.flow.FlowRecord]s of what each direction has carried since the last
/// reading. Never knows: a packet, an exporter, how to change a kernel setting.
@NullMarked
package dev.patronus.source.conntrack;

import org.jspecify.annotations.NullMarked;
