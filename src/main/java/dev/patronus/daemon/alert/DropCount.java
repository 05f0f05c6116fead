package dev.patronus.daemon.alert;

import dev.patronus.metrics.Metrics;
import dev.patronus.metrics.Metrics.Reading;

/// Counts the records that sources dropped or lost since the round before.
///
/// Confined to the database worker's thread.
final class DropCount {
  private final Metrics metrics;
  private long before;
  private long now;
  private boolean known;

  DropCount(Metrics metrics) {
    this.metrics = metrics;
  }

  /// The records since the last accepted round; all of this process in its first one.
  double since() {
    if (!known) {
      now = 0;
      for (Reading reading : metrics.readings()) {
        String name = reading.series().name();
        boolean ofSource = reading.series().labels().containsKey("source");
        if (ofSource && (name.endsWith("_dropped") || name.endsWith("_lost"))) {
          now += reading.value();
        }
      }
      known = true;
    }
    return Math.max(0, now - before);
  }

  /// Begins the next round.
  void accept() {
    if (known) {
      before = now;
      known = false;
    }
  }
}
