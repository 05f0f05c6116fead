package dev.patronus.torture;

import java.util.Random;

/// The settings of one run of the torture suite: how long it is, and where its chances come from.
///
/// `-Dtorture=small|full` says how much is tried (default: small), `-Dseed=N` repeats a run. The
/// full size takes 30 minutes of one core that others use too; `-Dtorture.factor=N`, which may be
/// less than 1, multiplies it. All random choices of a test come from its own [Random], so that one
/// test repeats without the others.
///
/// | fault | full size |
/// |---|---|
/// | SIGKILL of commands | 11 commands, 20 moments each |
/// | SIGKILL of a daemon | 100 moments |
/// | power cuts of commands | 11 recordings, 22 moments each |
/// | power cuts of a daemon | 2 recordings, 40 moments each |
/// | disks of commands | 11 commands, 12 calls each |
/// | disks of a daemon | 16 failures, 3 times gone and full |
/// | exports, deletions and restores | 120 commands |
/// | locks | for 1 and 10 s in 3 ways, for 14 and 60 s in one, with either journal |
/// | clocks | 24 settings, 3 starts |
/// | floods | 6 kinds, and 4 small heaps |
/// | all at once | 150 s with either journal |
///
/// Immutable.
final class Torture {
  private static final long SEED = Long.getLong("seed", System.nanoTime() % 1_000_000_000);
  private static final boolean FULL = "full".equals(System.getProperty("torture", "small"));
  private static final double FACTOR =
      Double.parseDouble(System.getProperty("torture.factor", "1"));

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

  /// How often something is tried in a run of this size.
  ///
  /// @param full the number for the full size, which the factor multiplies
  static int times(int small, int full) {
    return FULL ? (int) Math.ceil(full * FACTOR) : small;
  }

  /// How large one trial is in a run of this size, whatever the factor.
  static int amount(int small, int full) {
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
