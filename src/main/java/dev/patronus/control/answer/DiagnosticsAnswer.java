package dev.patronus.control.answer;

import dev.patronus.json.Json;

/// What the daemon shows of itself to those who help.
///
/// Immutable.
///
/// @param metrics in Prometheus' format
/// @param threads the stack of each platform thread
public record DiagnosticsAnswer(String metrics, String threads) {

  public Json.Obj json() {
    return Json.object().put("metrics", metrics).put("threads", threads).build();
  }

  /// Reads what [#json()] wrote.
  ///
  /// @throws IllegalArgumentException if it is another document
  public static DiagnosticsAnswer read(Json.Obj json) {
    return new DiagnosticsAnswer(json.text("metrics"), json.text("threads"));
  }
}
