package dev.patronus.control.answer;

import dev.patronus.json.Json;

/// The number of entries that each of the daemon's caches lost.
///
/// Immutable.
public record ClearedAnswer(long metrics, long routing) {

  public Json.Obj json() {
    return Json.object().put("metrics", metrics).put("routing", routing).build();
  }

  /// Reads what [#json()] wrote.
  ///
  /// @throws IllegalArgumentException if it is another document
  public static ClearedAnswer read(Json.Obj json) {
    return new ClearedAnswer(json.integer("metrics"), json.integer("routing"));
  }
}
