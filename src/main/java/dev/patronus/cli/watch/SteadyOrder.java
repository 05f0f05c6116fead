package dev.patronus.cli.watch;

import dev.patronus.cli.traffic.TrafficRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// Sorts the rows of a watch by a value that fluctuates, without swapping rows that are about as
/// large: a row is sorted by the value that it had when it was last a tenth larger or smaller.
///
/// Confined to one thread.
final class SteadyOrder {
  /// The part of a value by which it may change before its row is sorted anew.
  private static final double SLACK = 0.1;

  private final ToDoubleFunction<TrafficRow> value;
  private final Map<Long, Double> held = new HashMap<>();

  /// @param value what rows are sorted by, the largest first; negative where it is unknown
  SteadyOrder(ToDoubleFunction<TrafficRow> value) {
    this.value = value;
  }

  /// The rows in their order; equal ones keep that in which they are given.
  List<TrafficRow> of(List<TrafficRow> rows) {
    Set<Long> present = new HashSet<>();
    for (TrafficRow row : rows) {
      long id = row.traffic().policyId();
      double now = Math.max(0, value.applyAsDouble(row));
      double before = held.getOrDefault(id, Double.NaN);
      present.add(id);
      if (!(Math.abs(now - before) <= before * SLACK)) {
        held.put(id, now);
      }
    }
    held.keySet().retainAll(present);
    List<TrafficRow> sorted = new ArrayList<>(rows);
    sorted.sort((a, b) -> Double.compare(held(b), held(a)));
    return sorted;
  }

  private double held(TrafficRow row) {
    return Objects.requireNonNull(held.get(row.traffic().policyId()));
  }
}
