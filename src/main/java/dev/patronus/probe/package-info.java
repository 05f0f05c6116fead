/// Measures latency, jitter and loss to a host: sends numbered requests and times what comes back
/// ([Prober]), by ICMP echo ([IcmpProbe]) or UDP ([UdpProbe]).
///
/// In: an address and a [ProbePlan]. Out: [ProbeResult]s. Never knows: paths, sites, the database,
/// how results are shown.
@NullMarked
package dev.patronus.probe;

import org.jspecify.annotations.NullMarked;
