package dev.patronus.collect;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;

/// Gathers the records of one source into batches.
///
/// For one thread at a time.
final class StagingSink implements FlowSink {
  private final Collector collector;
  private FlowRecord[] staged = new FlowRecord[Collector.BATCH];
  private int count;

  StagingSink(Collector collector) {
    this.collector = collector;
  }

  @Override
  public void accept(FlowRecord record) {
    staged[count++] = record;
    if (count == staged.length) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (count == 0) {
      return;
    }
    FlowRecord[] batch = staged;
    int size = count;
    staged = new FlowRecord[Collector.BATCH];
    count = 0;
    collector.handOver(batch, size);
  }
}
