package dev.patronus.history.tier;

import dev.patronus.history.Change;
import dev.patronus.history.Reading;
import java.util.Optional;

/// The roll-up of one policy as its readings arrive: what the next one is compared with, and the
/// cell that is still open.
///
/// A change is what a reading shows more than the plausible one that arrived before it, whatever
/// times both have, and belongs whole to the cell of its own time. The first reading counts
/// nothing.
///
/// Confined to one thread. Readings must come in order of arrival.
public final class RunningSeries {
  private Optional<Reading> last;
  private Optional<Cell> open;
  private long newestSecond;
  private boolean disordered;

  /// Continues a series.
  ///
  /// @param last the plausible reading that arrived last; empty if none has
  /// @param open the open cell; empty if there is none
  /// @param newestSecond the latest time of any reading; [Long#MIN_VALUE] if there was none
  /// @param disordered whether a reading had an earlier time than one before it
  public RunningSeries(
      Optional<Reading> last, Optional<Cell> open, long newestSecond, boolean disordered) {
    this.last = last;
    this.open = open;
    this.newestSecond = newestSecond;
    this.disordered = disordered;
  }

  /// A series that no reading has arrived of.
  public static RunningSeries empty() {
    return new RunningSeries(Optional.empty(), Optional.empty(), Long.MIN_VALUE, false);
  }

  /// Takes the next reading.
  ///
  /// @return the cell that was open, if the reading lies in another
  public Optional<Cell> accept(Reading arrived) {
    Reading reading = arrived.at(Tier.clamp(arrived.epochSecond()));
    Change change = Change.of(last, reading);
    disordered |= reading.epochSecond() < newestSecond;
    newestSecond = Math.max(newestSecond, reading.epochSecond());
    if (reading.plausible()) {
      last = Optional.of(reading);
    }
    Cell cell = Cell.of(change);
    if (open.isPresent() && open.get().start() == cell.start()) {
      open = Optional.of(open.get().plus(cell));
      return Optional.empty();
    }
    Optional<Cell> completed = open;
    open = Optional.of(cell);
    return completed;
  }

  /// Closes the open cell.
  ///
  /// @return what it was; empty if none is open
  public Optional<Cell> close() {
    Optional<Cell> completed = open;
    open = Optional.empty();
    return completed;
  }

  /// The plausible reading that arrived last; empty if none has.
  public Optional<Reading> last() {
    return last;
  }

  /// The open cell; empty if there is none.
  public Optional<Cell> open() {
    return open;
  }

  /// The latest time of any reading; [Long#MIN_VALUE] if there was none.
  public long newestSecond() {
    return newestSecond;
  }

  /// Whether a reading had an earlier time than one that arrived before it: then the order of times
  /// is not the order of arrival.
  public boolean disordered() {
    return disordered;
  }
}
