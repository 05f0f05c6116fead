package dev.patronus.metrics;

import java.util.concurrent.atomic.LongAdder;

/// A count that only grows, from zero at the start of the process.
///
/// Safe from any thread.
public final class Counter {
  private final LongAdder count = new LongAdder();

  public void increment() {
    count.increment();
  }

  public void add(long amount) {
    count.add(amount);
  }

  public long value() {
    return count.sum();
  }
}
