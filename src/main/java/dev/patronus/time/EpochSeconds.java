package dev.patronus.time;

import java.time.Instant;

/// The database's clock readings: whole seconds since 1970-01-01T00:00:00Z.
public final class EpochSeconds {
  /// 0000-01-01T00:00:00Z
  private static final long FIRST = -62_167_219_200L;

  /// 9999-12-31T23:59:59Z
  private static final long LAST = 253_402_300_799L;

  private EpochSeconds() {}

  /// The instant of a stored reading. A number that no calendar reaches (garbage in a row) becomes
  /// the nearest instant that RFC 3339 can write, so that neither reading nor showing it fails.
  public static Instant toInstant(long epochSecond) {
    return Instant.ofEpochSecond(Math.clamp(epochSecond, FIRST, LAST));
  }
}
