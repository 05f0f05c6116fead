package dev.patronus.route;

import java.time.Duration;

/// A value, and where it came from.
///
/// @param cached whether it was held; otherwise it was made for this question
/// @param ageNanos how long it had been held; 0 if it was just made
public record CachedAnswer<V>(V value, boolean cached, long ageNanos) {
  public Duration age() {
    return Duration.ofNanos(ageNanos);
  }
}
