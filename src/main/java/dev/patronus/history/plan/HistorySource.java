package dev.patronus.history.plan;

import dev.patronus.history.Buckets;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.SampledSum;
import dev.patronus.history.Series;
import dev.patronus.history.plan.HistorySums.Others;
import dev.patronus.time.TimeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Where the history of policies is read: the database of a gateway, or a hub.
///
/// Policies have numbers, which series and points have as their policy: on a gateway a policy's id,
/// on a hub, where two gateways may have the same, its place among all.
///
/// Confined to one thread.
public interface HistorySource {
  /// The policies that have a history, in the order in which they are shown.
  List<Long> policies();

  /// The usual time from one row to the next, in seconds: the median of the newest rows of the
  /// first of these policies that has some; 0 if none has.
  long secondsApart(List<Long> policies);

  /// The first second that these policies have a reading of; empty if they have none.
  OptionalLong firstSecond(List<Long> policies);

  /// Decides how a range is read.
  ///
  /// @param unmatched whether [#readUnmatched] is wanted too
  /// @throws dev.patronus.error.UserError if what is left of it is too coarse for the steps
  HistoryPlan plan(TimeRange range, Buckets buckets, List<Long> policies, boolean unmatched);

  /// Reads the history of each of these policies, one after the other.
  ///
  /// @param series is given one for each policy that has a reading in the range
  /// @return how many readings were passed over because their counters cannot be true
  long read(List<Long> policies, HistoryPlan plan, Consumer<SampledSeries> series);

  /// Reads the sum of the histories of these policies, and the largest of them: the same numbers as
  /// [#read] gives, without each policy's steps.
  ///
  /// @param unmatched whether what no policy matched is wanted too
  /// @param largest how many policies are wanted; 0 if neither they nor the others are
  default HistorySums sums(List<Long> policies, HistoryPlan plan, boolean unmatched, int largest) {
    return sums(policies, plan, unmatched, largest, _ -> {});
  }

  private HistorySums sums(
      List<Long> policies,
      HistoryPlan plan,
      boolean unmatched,
      int largest,
      Consumer<SampledSeries> each) {
    SampledSum sum = new SampledSum();
    LargestSeries kept = new LargestSeries(largest);
    long implausible =
        read(
            policies,
            plan,
            series -> {
              sum.add(series);
              kept.add(series);
              each.accept(series);
            });
    return new HistorySums(
        sum.series(),
        unmatched ? readUnmatched(plan) : Optional.empty(),
        kept.largest(),
        largest == 0 ? Others.NONE : kept.others(),
        implausible);
  }

  /// Reads the same as [#sums], and what each policy carried, without its steps.
  default HistorySummary summary(
      List<Long> policies, HistoryPlan plan, boolean unmatched, int largest) {
    List<PolicySummary> each = new ArrayList<>();
    HistorySums sums =
        sums(policies, plan, unmatched, largest, series -> each.add(PolicySummary.of(series)));
    return new HistorySummary(sums, each);
  }

  /// Reads the same as [#summary] without the largest policies, and the steps of each policy, one
  /// after the other.
  ///
  /// @param steps is given one series for each policy that has a reading in the range
  default HistorySummary summaryAndSteps(
      List<Long> policies, HistoryPlan plan, boolean unmatched, Consumer<Series> steps) {
    List<PolicySummary> each = new ArrayList<>();
    HistorySums sums =
        sums(
            policies,
            plan,
            unmatched,
            0,
            series -> {
              each.add(PolicySummary.of(series));
              steps.accept(series.steps());
            });
    return new HistorySummary(sums, each);
  }

  /// How many policies [#read] reads together, so that fewer of them cost as much time; what it
  /// hands on of as many fits in memory.
  default int policiesAtOnce(HistoryPlan plan) {
    return 1;
  }

  /// Reads what no policy matched; empty where nobody counted it.
  Optional<SampledSeries> readUnmatched(HistoryPlan plan);
}
