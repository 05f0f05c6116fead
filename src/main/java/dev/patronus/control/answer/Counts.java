package dev.patronus.control.answer;

import dev.patronus.json.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Counts by reason as JSON, in their order.
final class Counts {
  private Counts() {}

  static Json.Obj json(Map<String, Long> counts) {
    Json.Builder json = Json.object();
    counts.forEach(json::put);
    return json.build();
  }

  static Map<String, Long> read(Json.Obj json) {
    Map<String, Long> counts = new LinkedHashMap<>();
    json.members()
        .forEach((reason, count) -> {
          if (count instanceof Json.Num number) {
            counts.put(reason, number.toLong());
          }
        });
    return Collections.unmodifiableMap(counts);
  }
}
