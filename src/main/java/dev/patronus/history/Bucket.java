package dev.patronus.history;

/// One step of time, half-open: `[startSecond, endSecond)`, in epoch seconds.
public record Bucket(long startSecond, long endSecond) {
  public Bucket {
    if (startSecond >= endSecond) {
      throw new IllegalArgumentException(
          "a bucket must end after it starts: " + startSecond + " >= " + endSecond);
    }
  }

  public boolean contains(long epochSecond) {
    return startSecond <= epochSecond && epochSecond < endSecond;
  }

  public long seconds() {
    return endSecond - startSecond;
  }
}
