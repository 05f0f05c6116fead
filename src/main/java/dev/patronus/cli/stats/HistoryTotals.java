package dev.patronus.cli.stats;

import dev.patronus.history.SampledSeries;
import dev.patronus.history.SampledSum;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The sums of a history, which add up: what policies matched, what none matched, and both.
///
/// Immutable.
///
/// @param matched what the policies carried that it is about
/// @param unmatched what no policy matched; empty where nobody counted it, and where the history is
///   about some policies only
public record HistoryTotals(SampledSeries matched, Optional<SampledSeries> unmatched) {
  public HistoryTotals {
    Objects.requireNonNull(matched, "matched");
    Objects.requireNonNull(unmatched, "unmatched");
  }

  /// Matched and unmatched traffic together; empty where there is no unmatched one.
  public Optional<SampledSeries> all() {
    return unmatched.map(other -> {
      SampledSum sum = new SampledSum();
      sum.add(matched);
      sum.add(other);
      return sum.series();
    });
  }

  /// The sums under the names that `stats` gives them, in the order in which they stand.
  Map<String, SampledSeries> rows() {
    Map<String, SampledSeries> rows = new LinkedHashMap<>();
    rows.put(unmatched.isPresent() ? "(total matched)" : "(total)", matched);
    unmatched.ifPresent(other -> rows.put("(unmatched)", other));
    all().ifPresent(both -> rows.put("(all traffic)", both));
    return rows;
  }
}
