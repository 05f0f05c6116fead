package dev.patronus.cache;

import java.time.Duration;
import java.util.function.LongSupplier;

/// A clock that stands still until it is told otherwise. Confined to the test's thread.
public final class FakeTicker implements LongSupplier {
  private long nanos;

  public void advance(Duration duration) {
    nanos += duration.toNanos();
  }

  public void set(long nanos) {
    this.nanos = nanos;
  }

  @Override
  public long getAsLong() {
    return nanos;
  }
}
