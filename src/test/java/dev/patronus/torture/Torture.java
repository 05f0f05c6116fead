package dev.patronus.torture;

import java.util.Random;

/// The settings of one run of the torture suite: how long it is, and where its chances come from.
///
/// `-Dtorture=small|full` says how much is tried (default: small), `-Dseed=N` repeats a run. All
/// random choices of a test come from its own [Random], so that one test repeats without the
/// others. Immutable.
final class Torture {
  private static final long SEED = Long.getLong("seed", System.nanoTime() % 1_000_000_000);
  private static final boolean FULL = "full".equals(System.getProperty("torture", "small"));

  private final String test;
  private final String part;
  private final Random random;

  private Torture(String test, String part) {
    this.test = test;
    this.part = part;
    this.random = new Random(SEED * 31 + (test + part).hashCode());
  }

  /// The settings for one test.
  ///
  /// @param test the class
  /// @param part what of it this is
  static Torture of(String test, String part) {
    return new Torture(test, part);
  }

  Random random() {
    return random;
  }

  /// A number for a run of this length.
  static int times(int small, int full) {
    return FULL ? full : small;
  }

  /// Whether this run is a short one.
  static boolean isSmall() {
    return !FULL;
  }

  /// How to repeat this run.
  @Override
  public String toString() {
    return "'%s': ./mvnw -Ptorture verify -Dit.test=%s -Dtorture=%s -Dseed=%d"
        .formatted(part, test, FULL ? "full" : "small", SEED);
  }
}
