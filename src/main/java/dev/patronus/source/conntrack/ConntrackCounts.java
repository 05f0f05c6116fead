package dev.patronus.source.conntrack;

import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.util.concurrent.atomic.AtomicLong;

/// What can be said about the accounting while it goes on.
///
/// Counters: `conntrack_dumps`, `conntrack_events_received`; `conntrack_events_lost` (times that
/// the kernel dropped some, how many it does not say), `conntrack_entries_vanished` (ended without
/// an event), `conntrack_entries_beyond` (no room to remember), `conntrack_messages_malformed`,
/// `conntrack_saves_failed`. Gauges of the last dump: `conntrack_entries`,
/// `conntrack_entries_uncounted`, `conntrack_entries_offloaded`, `conntrack_dump_micros` (how long
/// it took); and `conntrack_receive_buffer_bytes`. Safe from any thread.
final class ConntrackCounts {
  private final Counter dumps;
  private final Counter events;
  private final Counter eventsLost;
  private final Counter malformed;
  private final Counter savesFailed;
  private final Counter vanished;
  private final Counter beyond;
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong uncounted = new AtomicLong();
  private final AtomicLong offloaded = new AtomicLong();
  private final AtomicLong dumpMicros = new AtomicLong();
  private final AtomicLong bufferBytes = new AtomicLong();

  ConntrackCounts(Metrics metrics) {
    dumps = metrics.counter("conntrack_dumps");
    events = metrics.counter("conntrack_events_received");
    eventsLost = metrics.counter("conntrack_events_lost");
    malformed = metrics.counter("conntrack_messages_malformed");
    savesFailed = metrics.counter("conntrack_saves_failed");
    vanished = metrics.counter("conntrack_entries_vanished");
    beyond = metrics.counter("conntrack_entries_beyond");
    metrics.gauge("conntrack_entries", entries::get);
    metrics.gauge("conntrack_entries_uncounted", uncounted::get);
    metrics.gauge("conntrack_entries_offloaded", offloaded::get);
    metrics.gauge("conntrack_dump_micros", dumpMicros::get);
    metrics.gauge("conntrack_receive_buffer_bytes", bufferBytes::get);
  }

  void event() {
    events.increment();
  }

  void eventsLost(int times) {
    eventsLost.add(times);
  }

  void malformed() {
    malformed.increment();
  }

  void saveFailed() {
    savesFailed.increment();
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
