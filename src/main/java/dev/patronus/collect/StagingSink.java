package dev.patronus.collect;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;

/// Collects the records of one source into batches, and counts them.
///
/// For one thread at a time.
final class StagingSink implements FlowSink {
  /// The number of records of a batch.
  static final int BATCH = 64;

  private final Collector collector;
  private final int shard;
  private final CountingProgress progress;
  private final FlowRecord[] staged = new FlowRecord[BATCH];
  private int count;

  /// @param shard the flow table that the records are added to
  StagingSink(Collector collector, int shard, CountingProgress progress) {
    this.collector = collector;
    this.shard = shard;
    this.progress = progress;
  }

  @Override
  public void accept(FlowRecord record) {
    staged[count++] = record;
    if (count == BATCH) {
      count(false);
    }
  }

  @Override
  public void flush() {
    if (count > 0 || progress.pending() > 0) {
      count(true);
    }
  }

  private void count(boolean commit) {
    int size = count;
    count = 0;
    collector.count(shard, staged, size, progress, commit);
  }

  @Override
  public long counted() {
    if (!progress.isOpen() && !collector.hasEnded()) {
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
    return new StagingSink(collector, shard, new CountingProgress(name, true));
  }

  @Override
  public void restart() {
    flush();
    if (!collector.hasEnded()) {
      collector.call(accounting -> {
        accounting.restart(progress);
        return true;
      });
    }
  }
}
