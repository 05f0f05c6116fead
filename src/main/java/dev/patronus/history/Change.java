package dev.patronus.history;

import java.util.Optional;
import java.util.OptionalDouble;

/// The change between a reading and the previous one.
public sealed interface Change {
  /// The change that a reading shows.
  ///
  /// @param previous the plausible reading before; empty if there was none
  static Change of(Optional<Reading> previous, Reading reading) {
    if (!reading.plausible()) {
      return new Implausible(reading);
    }
    return previous.isEmpty() ? new First(reading) : Delta.between(previous.get(), reading);
  }

  /// The reading that it describes.
  Reading reading();

  /// The first reading of a policy: there is nothing that it could be compared with.
  record First(Reading reading) implements Change {}

  /// A reading whose counters cannot be true (see [Reading#plausible]). It is passed over: the next
  /// one is compared with the last plausible one.
  record Implausible(Reading reading) implements Change {}

  /// How much came since the plausible reading before.
  ///
  /// @param elapsedSeconds since the reading before; 0 or negative where rows repeat a time or a
  ///   clock was set back
  /// @param packets never negative
  /// @param bytes never negative
  /// @param reset whether the counters were reset in between: then their current value is the
  ///   growth
  record Delta(Reading reading, long elapsedSeconds, long packets, long bytes, boolean reset)
      implements Change {

    private static Delta between(Reading previous, Reading reading) {
      boolean reset = reading.packets() < previous.packets() || reading.bytes() < previous.bytes();
      return new Delta(
          reading,
          reading.epochSecond() - previous.epochSecond(),
          reset ? reading.packets() : reading.packets() - previous.packets(),
          reset ? reading.bytes() : reading.bytes() - previous.bytes(),
          reset);
    }

    /// Empty if no time passed.
    public OptionalDouble packetsPerSecond() {
      return perSecond(packets);
    }

    /// Empty if no time passed.
    public OptionalDouble bytesPerSecond() {
      return perSecond(bytes);
    }

    private OptionalDouble perSecond(long amount) {
      return elapsedSeconds <= 0
          ? OptionalDouble.empty()
          : OptionalDouble.of((double) amount / elapsedSeconds);
    }
  }
}
