package dev.patronus.collect;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;

/// Collects the records of one source into batches.
///
/// For one thread at a time.
final class StagingSink implements FlowSink {
  private final Collector collector;
  private final CountingProgress progress;
  private FlowRecord[] staged = new FlowRecord[Collector.BATCH];
  private int count;
  private long accepted;
  private boolean opened;

  StagingSink(Collector collector, CountingProgress progress) {
    this.collector = collector;
    this.progress = progress;
  }

  @Override
  public void accept(FlowRecord record) {
    accepted++;
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
    collector.submit(batch, size, progress);
  }

  /// Whether waiting is useless because the collector has ended.
  @Override
  public long counted() {
    if (!opened && !collector.hasEnded()) {
      opened =
          collector.call(accounting -> {
            accounting.open(progress);
            return true;
          });
    }
    return progress.counted();
  }

  @Override
  public long digest() {
    return progress.digest();
  }

  @Override
  public FlowSink input(String name) {
    return collector.input(name);
  }

  @Override
  public void restart() {
    settle();
    if (!collector.hasEnded()) {
      opened =
          collector.call(accounting -> {
            accounting.restart(progress);
            return true;
          });
    }
  }

  @Override
  public void settle() {
    flush();
    progress.await(accepted, collector);
  }
}
