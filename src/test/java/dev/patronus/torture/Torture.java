package dev.patronus.torture;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.patronus.testing.Program;
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

  /// Skips the test where a program is missing; fails it where `CI` is set, since nothing would say
  /// that it never runs.
  static void needs(String tool) {
    needs(Program.isInstalled(tool), "the program '" + tool + "'");
  }

  /// Skips the test where this process is not root; fails it where `CI` is set.
  static void needsRoot() {
    needs("root".equals(System.getProperty("user.name")), "root");
  }

  private static void needs(boolean there, String what) {
    if (!there && "true".equals(System.getenv("CI"))) {
      throw new AssertionError("this test needs " + what + "; install it on the machine of the CI");
    }
    assumeTrue(there, "this test needs " + what);
  }

  /// How to repeat this run.
  @Override
  public String toString() {
    return "'%s': ./mvnw -Ptorture verify -Dit.test=%s -Dtorture=%s -Dseed=%d"
        .formatted(part, test, FULL ? "full" : "small", SEED);
  }
}
