package dev.patronus.time;

import java.time.Instant;

/// The database's clock readings: whole seconds since 1970-01-01T00:00:00Z.
public final class EpochSeconds {
  private EpochSeconds() {}

  /// The instant of a stored reading. A number that no calendar reaches (garbage in a row) becomes
  /// the nearest instant that Java can name, so that reading never fails.
  public static Instant toInstant(long epochSecond) {
    long nearest =
        Math.clamp(epochSecond, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
    return Instant.ofEpochSecond(nearest);
  }
}
