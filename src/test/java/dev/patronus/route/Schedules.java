package dev.patronus.route;

import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;

/// Thousands of schedules of two threads, which Lincheck makes of the operations of a class and
/// holds against its validation.
///
/// Lincheck's model checker is not used: it takes the loops of Caffeine and of the compiled matcher
/// for a live lock.
final class Schedules {
  private Schedules() {}

  /// Fails if the validation of a class fails after a schedule.
  static void check(Class<?> operations) {
    new StressOptions()
        .iterations(5)
        .invocationsPerIteration(5000)
        .threads(2)
        .actorsPerThread(3)
        .actorsBefore(0)
        .actorsAfter(0)
        .verifier(EpsilonVerifier.class)
        .check(operations);
  }
}
