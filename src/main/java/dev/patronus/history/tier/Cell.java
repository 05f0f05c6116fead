package dev.patronus.history.tier;

import dev.patronus.flow.Volume;
import dev.patronus.history.Change;
import dev.patronus.history.Reading;

/// What one policy carried in one cell of a tier: the sum of its changes.
///
/// Immutable. Sums stay at 2^63-1 rather than overflow.
///
/// @param start its first epoch second
/// @param packets the sum of the changes
/// @param bytes the sum of the changes
/// @param activeFlows of the latest reading by its time; of several the one that arrived last
/// @param activeFlowsHighest of any reading
/// @param lastSecond the time of the latest reading; `start` if it has none
/// @param coveredSeconds the sum of the times that the changes span
/// @param longestSeconds the longest time that a change spans
/// @param readings how many plausible ones
/// @param resets how often the counters were reset
/// @param implausible how many readings were passed over
public record Cell(
    long start,
    long packets,
    long bytes,
    long activeFlows,
    long activeFlowsHighest,
    long lastSecond,
    long coveredSeconds,
    long longestSeconds,
    long readings,
    long resets,
    long implausible) {

  /// The cell of five minutes that one change makes.
  static Cell of(Change change) {
    Reading reading = change.reading();
    return switch (change) {
      case Change.Implausible _ -> of(reading, 0, 0, 0, 0, 0, 1);
      case Change.First _ -> of(reading, 0, 0, 0, 1, 0, 0);
      case Change.Delta delta ->
          of(
              reading,
              delta.packets(),
              delta.bytes(),
              Math.max(0, delta.elapsedSeconds()),
              1,
              delta.reset() ? 1 : 0,
              0);
    };
  }

  private static Cell of(
      Reading reading,
      long packets,
      long bytes,
      long seconds,
      int readings,
      int resets,
      int implausible) {
    long start = Tier.FIVE_MINUTES.floor(reading.epochSecond());
    long flows = readings == 0 ? 0 : reading.activeFlows();
    return new Cell(
        start,
        packets,
        bytes,
        flows,
        flows,
        readings == 0 ? start : reading.epochSecond(),
        seconds,
        seconds,
        readings,
        resets,
        implausible);
  }

  /// The same in the cell of a coarser tier.
  public Cell in(Tier tier) {
    return new Cell(
        tier.floor(start),
        packets,
        bytes,
        activeFlows,
        activeFlowsHighest,
        readings == 0 ? tier.floor(start) : lastSecond,
        coveredSeconds,
        longestSeconds,
        readings,
        resets,
        implausible);
  }

  /// The sum of this cell and what arrived after it, under this one's start.
  public Cell plus(Cell later) {
    boolean latest = later.readings > 0 && (readings == 0 || later.lastSecond >= lastSecond);
    return new Cell(
        start,
        Volume.saturatedSum(packets, later.packets),
        Volume.saturatedSum(bytes, later.bytes),
        latest ? later.activeFlows : activeFlows,
        highest(later),
        latest ? later.lastSecond : lastSecond,
        Volume.saturatedSum(coveredSeconds, later.coveredSeconds),
        Math.max(longestSeconds, later.longestSeconds),
        readings + later.readings,
        resets + later.resets,
        implausible + later.implausible);
  }

  private long highest(Cell later) {
    if (readings == 0) {
      return later.activeFlowsHighest;
    }
    return later.readings == 0
        ? activeFlowsHighest
        : Math.max(activeFlowsHighest, later.activeFlowsHighest);
  }
}
