package dev.patronus.history.plan;

import dev.patronus.history.SampledSeries;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The sum of the histories of several policies, and those of the policies that carried most.
///
/// Immutable.
///
/// @param matched the sum
/// @param unmatched what no policy matched; empty where nobody counted it, or where it is not
///   wanted
/// @param largest the policies with most bytes, in the order in which policies are shown
/// @param others what the policies carried that are not among them
/// @param implausible how many readings were passed over because their counters cannot be true
public record HistorySums(
    SampledSeries matched,
    Optional<SampledSeries> unmatched,
    List<SampledSeries> largest,
    Others others,
    long implausible) {
  public HistorySums {
    Objects.requireNonNull(matched, "matched");
    Objects.requireNonNull(unmatched, "unmatched");
    largest = List.copyOf(largest);
    Objects.requireNonNull(others, "others");
  }

  /// What some policies carried.
  ///
  /// @param policies how many of them have a reading
  public record Others(long policies, long packets, long bytes) {
    public static final Others NONE = new Others(0, 0, 0);
  }
}
