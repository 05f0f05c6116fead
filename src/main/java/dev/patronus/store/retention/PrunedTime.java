package dev.patronus.store.retention;

import java.time.Duration;
import java.time.Instant;

/// Which rows of a history go, by their time.
public sealed interface PrunedTime {

  /// The rows from before an instant. The newest row of each counter stays, and so does the newest
  /// that is not from the future.
  ///
  /// @param edge the first instant that stays
  /// @param now the present
  record Before(Instant edge, Instant now) implements PrunedTime {}

  /// The rows from after an instant, all of them.
  ///
  /// @param edge the last instant that stays
  record After(Instant edge) implements PrunedTime {}

  /// How far clocks may differ before a row counts as one from the future.
  Duration TOLERANCE = Duration.ofMinutes(2);

  /// The instant that separates the rows that go from those that stay.
  Instant edge();

  /// The rows that a clock that ran ahead has written.
  static After future(Instant now) {
    return new After(now.plus(TOLERANCE));
  }
}
