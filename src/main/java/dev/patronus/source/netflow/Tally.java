package dev.patronus.source.netflow;

import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.util.EnumMap;
import java.util.Map;

/// What is counted of one exporter, in the metrics of the process.
///
/// Counted by the decoder's thread; read by any.
final class Tally {
  private final Metrics metrics;
  private final String source;
  private final String exporter;
  private final Counter datagrams;
  private final Counter records;
  private final Counter lost;
  private final Counter restarts;
  private final Counter waited;
  private final Counter samplerUnknown;
  private final Counter timesReplaced;
  private final Counter ingress;
  private final Counter egress;
  private final Map<Drop, Counter> drops = new EnumMap<>(Drop.class);

  Tally(Metrics metrics, String source, String exporter) {
    this.metrics = metrics;
    this.source = source;
    this.exporter = exporter;
    datagrams = counter("source_datagrams_received");
    records = counter("source_records_decoded");
    lost = counter("source_sequence_lost");
    restarts = counter("source_sequence_restarts");
    waited = counter("source_sets_waited");
    samplerUnknown = counter("source_records_sampler_unknown");
    timesReplaced = counter("source_records_times_replaced");
    ingress = counter("source_records_ingress");
    egress = counter("source_records_egress");
  }

  private Counter counter(String name) {
    return metrics.counter(name, "source", source, "exporter", exporter);
  }

  /// Counts what became no record. In the metrics a reason appears when it first occurs.
  void drop(Drop why, long count) {
    if (count > 0) {
      dropped(why).add(count);
    }
  }

  private synchronized Counter dropped(Drop why) {
    return drops.computeIfAbsent(
        why,
        _ ->
            metrics.counter(
                why.unit().metric(),
                "source",
                source,
                "exporter",
                exporter,
                "reason",
                why.reason()));
  }

  /// The reasons that occurred, and how often.
  synchronized Map<Drop, Long> drops() {
    Map<Drop, Long> counts = new EnumMap<>(Drop.class);
    drops.forEach((why, counter) -> counts.put(why, counter.value()));
    return counts;
  }

  Counter datagrams() {
    return datagrams;
  }

  /// Flow records handed on.
  Counter records() {
    return records;
  }

  Counter lost() {
    return lost;
  }

  Counter restarts() {
    return restarts;
  }

  /// Data sets that had to wait for their template.
  Counter waited() {
    return waited;
  }

  Counter samplerUnknown() {
    return samplerUnknown;
  }

  Counter timesReplaced() {
    return timesReplaced;
  }

  Counter ingress() {
    return ingress;
  }

  Counter egress() {
    return egress;
  }
}
