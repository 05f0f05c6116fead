package dev.patronus.daemon.alert;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Finds exporters whose sampling rate is another than in the round before. An exporter that was
/// not there before has not changed.
///
/// Confined to the database worker's thread.
final class RateWatch {
  private final Supplier<Map<String, String>> rates;
  private Map<String, String> before = Map.of();
  private @Nullable Map<String, String> now;

  /// @param rates the rate of each exporter
  RateWatch(Supplier<Map<String, String>> rates) {
    this.rates = rates;
  }

  /// How many exporters have changed since the last accepted round.
  double changes() {
    if (now == null) {
      now = rates.get();
    }
    return now.entrySet().stream()
        .filter(each ->
            before.containsKey(each.getKey()) && !before.get(each.getKey()).equals(each.getValue()))
        .count();
  }

  /// Begins the next round.
  void accept() {
    if (now != null) {
      before = now;
      now = null;
    }
  }
}
