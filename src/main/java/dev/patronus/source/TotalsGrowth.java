package dev.patronus.source;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Volume;

/// Converts the running totals of flows to their growth.
@FunctionalInterface
public interface TotalsGrowth {
  /// A flow has carried more.
  ///
  /// @param flow a number that no other flow has
  /// @param total what it has carried until now
  /// @param record what is new of it
  void grown(long flow, Volume total, FlowRecord record);

  /// A flow is over, forgotten, or begins from 0 again.
  default void gone(long flow) {}
}
