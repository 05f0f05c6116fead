/// Flow export over UDP: NetFlow v5, v9 and IPFIX, told apart by their version on one port.
///
/// In: datagrams, and the template file of the run before. Out:
/// [FlowRecord][dev.patronus.flow.FlowRecord]s, a named count for everything that became none, and
/// what is known of each exporter ([ExporterStatus]). Never knows: which policy a flow belongs to;
/// the decoder knows neither socket nor clock.
package dev.patronus.source.netflow;
