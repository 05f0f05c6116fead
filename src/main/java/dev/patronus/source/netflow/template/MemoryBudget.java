package dev.patronus.source.netflow.template;

/// The memory limit for the state of all exporters, and its current use.
///
/// The sizes are estimates of what a 64-bit machine takes for it, rounded up. Confined to the
/// decoder's thread.
public final class MemoryBudget {
  /// What one numbered stream takes without its templates: mostly its gaps.
  public static final int STREAM_BYTES = 2048;

  /// What the rate of one sampler takes.
  public static final int SAMPLER_BYTES = 192;

  private static final int TEMPLATE_BYTES = 1024;
  private static final int FIELD_BYTES = 40;
  private static final int SHARE_OF_HEAP = 16;
  private static final long LEAST_BYTES = 1 << 20;
  private static final long MOST_BYTES = 32 << 20;

  private final long bytes;
  private volatile long used; // written by one thread

  MemoryBudget(long bytes) {
    this.bytes = bytes;
  }

  /// The budget of a heap of this size: a sixteenth of it, 32 MB at most, divided among the
  /// decoders of an address; 1 MB at least for each.
  ///
  /// @param parts how many decoders share it
  public static MemoryBudget ofHeap(long heapBytes, int parts) {
    long bytes = Math.min(heapBytes / SHARE_OF_HEAP, MOST_BYTES);
    return new MemoryBudget(Math.max(bytes / parts, LEAST_BYTES));
  }

  /// What a template of so many fields takes, after those that are not read were joined.
  static int templateBytes(int fields) {
    return TEMPLATE_BYTES + FIELD_BYTES * fields;
  }

  /// Records so many bytes more, or fewer.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  public void add(long more) {
    used += more;
  }

  public long used() {
    return used;
  }

  public long limit() {
    return bytes;
  }

  /// By how many bytes it is exceeded; 0 if it is not.
  public long excess() {
    return Math.max(0, used - bytes);
  }
}
