package dev.patronus.daemon;

import dev.patronus.collect.TrafficAccounting;

/// The division of the heap between database contents and traffic state.
///
/// Immutable. The figures are measured on live objects after a collection: an idle daemon takes 4
/// MB, 30,000 policies and 100,172 paths with matcher, counters and metrics 99 MB, of which the
/// paths are 43. While all of them change, a third of that is held twice. Each is rounded up.
///
/// @param heapBytes the most that the heap may become (`-Xmx`)
/// @param policies how many the database holds
/// @param paths how many the database holds
/// @param conntrack whether connection entries are remembered too, which get a quarter
record HeapPlan(long heapBytes, long policies, long paths, boolean conntrack) {
  private static final long IDLE_BYTES = 20L << 20;
  private static final long BYTES_OF_POLICY = 2560;
  private static final long BYTES_OF_PATH = 640;

  /// The fraction of the heap for replies in progress, the metrics page and batches, as a divisor.
  private static final int SHARE_OF_ANSWERS = 8;

  private static final long STEP = 64L << 20;

  /// The bytes in use before the first flow.
  private long fixedBytes() {
    return IDLE_BYTES + policies * BYTES_OF_POLICY + paths * BYTES_OF_PATH;
  }

  /// The bytes that are available for flows.
  private long availableBytes() {
    return heapBytes
        - heapBytes / SHARE_OF_ANSWERS
        - (conntrack ? heapBytes / 4 : 0)
        - fixedBytes();
  }

  /// The largest number of flows that fit into the available bytes.
  int flowLimit() {
    return TrafficAccounting.Settings.flowLimit(heapBytes, availableBytes());
  }

  /// Whether the heap holds the database's rows and the minimum number of flows.
  boolean fits() {
    return availableBytes() >= TrafficAccounting.Settings.leastBytes();
  }

  /// The suggested heap size, with half of it left for flows.
  long suggestedBytes() {
    return (2 * fixedBytes() / STEP + 2) * STEP;
  }

  /// The description of the problem, if the heap is too small.
  String problem() {
    return policies
        + " policies and "
        + paths
        + " paths take about "
        + (fixedBytes() >> 20)
        + " MB of a heap of "
        + (heapBytes >> 20)
        + " MB, and too little is left for flows and replies";
  }

  /// The suggested remedy.
  String remedy() {
    return "set PATRONUS_JAVA_OPTS=-Xmx"
        + (suggestedBytes() >> 20)
        + "m in the daemon's environment, and the unit's MemoryMax= to "
        + ((suggestedBytes() >> 20) + 192)
        + "M";
  }
}
