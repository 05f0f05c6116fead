package dev.patronus.history.plan;

import dev.patronus.flow.Volume;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.plan.HistorySums.Others;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Keeps the histories with most bytes of those that come by, and sums the others up.
///
/// Confined to one thread. Of as many bytes those stay that came first.
final class LargestSeries {
  /// @param order the place among all that came by
  private record Kept(SampledSeries series, int order, long bytes) {}

  private static final Comparator<Kept> LARGEST_FIRST =
      Comparator.comparingLong(Kept::bytes).reversed().thenComparingInt(Kept::order);

  private final int count;
  private final List<Kept> kept = new ArrayList<>();
  private int seen;
  private long packets;
  private long bytes;

  LargestSeries(int count) {
    this.count = count;
  }

  void add(SampledSeries series) {
    kept.add(new Kept(series, seen, series.steps().bytes()));
    seen++;
    if (kept.size() > count) {
      kept.sort(LARGEST_FIRST);
      Kept least = kept.removeLast();
      packets = Volume.saturatedSum(packets, least.series().steps().packets());
      bytes = Volume.saturatedSum(bytes, least.bytes());
    }
  }

  /// Those that were kept, as they came.
  List<SampledSeries> largest() {
    return kept.stream().sorted(Comparator.comparingInt(Kept::order)).map(Kept::series).toList();
  }

  Others others() {
    return new Others(seen - kept.size(), packets, bytes);
  }
}
