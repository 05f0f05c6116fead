package dev.patronus.source.netflow.exporter;

import dev.patronus.source.netflow.wire.Drop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The status of one exporter at one moment.
///
/// Immutable. The counts are those of the process, from zero at its start.
///
/// @param address of the exporter, without port
/// @param versions of its datagrams, ascending: 5, 9, 10
/// @param templates how many of its templates and options templates are known
/// @param rate the sampling rate that was last applied
/// @param rateSince when that rate was first applied; null if no flow came yet
/// @param records the flow records that were handed on
/// @param drops what was not, by reason; reasons that never occurred are absent
/// @param lost units missing in its numbering: records in v5 and IPFIX, datagrams in v9
/// @param restarts how often its numbering restarted
/// @param pending data sets that waited for their template, whether it came or not
/// @param waiting data sets that wait for their template now
/// @param unknownTemplates ids of templates that did not come, and whose data sets were dropped
/// @param mismatchedTemplates ids of templates that data sets, which were dropped, did not fit
/// @param fault the template of which most records were dropped; empty if none was
/// @param samplerUnknown records whose sampler never announced a rate
/// @param agentDropped samples that an sFlow agent dropped itself; those that it sent stand for
///   them
/// @param rateContradicted samples whose rate is not that of the growth of their pool
/// @param timesReplaced records whose times made no sense and were replaced by their arrival
/// @param ingress records that say they were seen coming in (IE 61)
/// @param egress records that say they were seen going out. Where both are counted, packets may be
///   counted twice; some exporters (softflowd) only mean the reply by it
/// @param payloadBytes whether its bytes, or some of them, are layer 4 payload, without the headers
///   (IE 231, 232), and so fewer than the IP bytes
/// @param longestFlow the longest time that one record covered in the last minutes: beyond the
///   interval of snapshots its active timeout is too long, and traffic comes in spikes
/// @param clockSkew how far its clock is ahead of ours; negative if it is behind
/// @param lastSeen when its last datagram came; null if none has since the start of the process
public record ExporterStatus(
    String address,
    List<Integer> versions,
    int templates,
    Rate rate,
    @Nullable Instant rateSince,
    long datagrams,
    long records,
    Map<Drop, Long> drops,
    long lost,
    long restarts,
    long pending,
    int waiting,
    List<Integer> unknownTemplates,
    List<Integer> mismatchedTemplates,
    Optional<TemplateFault> fault,
    long samplerUnknown,
    long agentDropped,
    long rateContradicted,
    long timesReplaced,
    long ingress,
    long egress,
    boolean payloadBytes,
    Duration longestFlow,
    Duration clockSkew,
    @Nullable Instant lastSeen) {
  public ExporterStatus {
    versions = List.copyOf(versions);
    drops = Map.copyOf(drops);
    unknownTemplates = List.copyOf(unknownTemplates);
    mismatchedTemplates = List.copyOf(mismatchedTemplates);
  }
}
