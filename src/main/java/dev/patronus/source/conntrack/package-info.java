/// The kernel's own accounting as records: what it counts for each connection that it tracks.
///
/// In: netlink messages about the connection tracking table of this network namespace. Out:
/// [FlowRecord][dev.patronus.flow.FlowRecord]s of what each direction has carried since it was last
/// looked at. Never knows: a packet, an exporter, how to change a setting of the kernel.
package dev.patronus.source.conntrack;
