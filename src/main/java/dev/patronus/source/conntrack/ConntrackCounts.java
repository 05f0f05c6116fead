package dev.patronus.source.conntrack;

import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.util.concurrent.atomic.AtomicLong;

/// The metrics of a conntrack source.
///
/// `conntrack_entries_received` (lines of dumps, and ends) = `conntrack_entries_decoded` +
/// `conntrack_entries_dropped`, by reason: `uncounted` (the connection is older than the
/// accounting), `malformed`. Further counters: `conntrack_dumps`, `conntrack_ends_told`,
/// `conntrack_events_lost` (times that the kernel dropped some, how many it does not say),
/// `conntrack_entries_vanished` (ended without being told), `conntrack_entries_beyond` (no room to
/// remember), `conntrack_saves_failed`. Gauges of the last dump: `conntrack_entries`,
/// `conntrack_entries_uncounted`, `conntrack_entries_offloaded`, `conntrack_dump_micros` (how long
/// it took); and `conntrack_receive_buffer_bytes`. All have the source as a label. Safe from any
/// thread.
final class ConntrackCounts {
  private final Counter received;
  private final Counter decoded;
  private final Counter droppedUncounted;
  private final Counter droppedMalformed;
  private final Counter dumps;
  private final Counter ends;
  private final Counter eventsLost;
  private final Counter savesFailed;
  private final Counter vanished;
  private final Counter beyond;
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong uncounted = new AtomicLong();
  private final AtomicLong offloaded = new AtomicLong();
  private final AtomicLong dumpMicros = new AtomicLong();
  private final AtomicLong bufferBytes = new AtomicLong();

  ConntrackCounts(String source, Metrics metrics) {
    String[] label = {"source", source};
    received = metrics.counter("conntrack_entries_received", label);
    decoded = metrics.counter("conntrack_entries_decoded", label);
    droppedUncounted = dropped(metrics, source, "uncounted");
    droppedMalformed = dropped(metrics, source, "malformed");
    dumps = metrics.counter("conntrack_dumps", label);
    ends = metrics.counter("conntrack_ends_told", label);
    eventsLost = metrics.counter("conntrack_events_lost", label);
    savesFailed = metrics.counter("conntrack_saves_failed", label);
    vanished = metrics.counter("conntrack_entries_vanished", label);
    beyond = metrics.counter("conntrack_entries_beyond", label);
    metrics.gauge("conntrack_entries", entries::get, label);
    metrics.gauge("conntrack_entries_uncounted", uncounted::get, label);
    metrics.gauge("conntrack_entries_offloaded", offloaded::get, label);
    metrics.gauge("conntrack_dump_micros", dumpMicros::get, label);
    metrics.gauge("conntrack_receive_buffer_bytes", bufferBytes::get, label);
  }

  private static Counter dropped(Metrics metrics, String source, String reason) {
    return metrics.counter("conntrack_entries_dropped", "source", source, "reason", reason);
  }

  /// An entry of a dump, or one that ends.
  void entry(ConntrackEntry entry) {
    received.increment();
    (entry.counted().isPresent() ? decoded : droppedUncounted).increment();
  }

  void end() {
    ends.increment();
  }

  void eventsLost(int times) {
    eventsLost.add(times);
  }

  void malformed() {
    received.increment();
    droppedMalformed.increment();
  }

  void savesFailed(long times) {
    savesFailed.add(times);
  }

  void listening(int grantedBytes) {
    bufferBytes.set(grantedBytes);
  }

  /// Takes over what a table says after a dump.
  ///
  /// @param tookNanos how long the dump took
  void dumped(ConntrackTable table, long tookNanos) {
    dumps.increment();
    dumpMicros.set(tookNanos / 1_000);
    entries.set(table.size());
    uncounted.set(table.uncounted());
    offloaded.set(table.offloaded());
    vanished.add(table.vanished());
    beyond.add(table.beyond());
  }
}
