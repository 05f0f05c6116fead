package dev.patronus.output.text;

import dev.patronus.output.table.Column.Kind;

/// The few ways in which text is set off on a terminal that has colour.
public enum Style {
  HEADER("1"),
  DIM("2"),
  GOOD("32"),
  WARNING("33"),
  BAD("31"),
  PLAIN("");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  /// The text in this style where the screen has colour; the text alone elsewhere.
  public String of(String text, Screen screen) {
    return screen.colour() && !code.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  public static String forValue(Kind kind, String text, Screen screen) {
    return kind == Kind.STATUS ? forStatus(text).of(text, screen) : text;
  }

  private static Style forStatus(String word) {
    return switch (word) {
      case "up", "active", "ok", "live", "ready", "success" -> GOOD;
      case "degraded", "inactive", "warning", "idle", "stale" -> WARNING;
      case "down", "failed", "error", "critical", "invalid" -> BAD;
      default -> PLAIN;
    };
  }
}
