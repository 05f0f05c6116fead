package dev.patronus.history;

/// One reading of a counter that is watched: how fast it ran in the time before it.
///
/// @param bytesPerSecond not a number where nothing is known
/// @param reset whether the counter was reset in between
public record RateSample(double bytesPerSecond, boolean reset) {
  /// A reading that could be compared with nothing.
  public static final RateSample UNKNOWN = new RateSample(Double.NaN, false);
}
