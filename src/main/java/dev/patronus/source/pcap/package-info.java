/// Packet captures as flow records: files and streams in the formats of tcpdump and Wireshark.
///
/// In: bytes of a pcap or pcapng capture, from a file or standard input. Out: one
/// [FlowRecord][dev.patronus.flow.FlowRecord] a packet, with the time of its capture. Never knows:
/// whether a capture is new or old, what is inside a tunnel, any payload.
@NullMarked
package dev.patronus.source.pcap;

import org.jspecify.annotations.NullMarked;
