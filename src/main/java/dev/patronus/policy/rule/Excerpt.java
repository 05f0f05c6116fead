package dev.patronus.policy.rule;

import dev.patronus.json.Json;

/// Shortens a wrong value for an error message.
final class Excerpt {
  private static final int LENGTH_MAX = 60;

  private Excerpt() {}

  static String excerpt(Json value) {
    return cut(value.toString());
  }

  static String cut(String text) {
    return visible(text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + "...");
  }

  /// The text with an escape in place of each character that ends a line or shows nothing.
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    for (char each : text.toCharArray()) {
      switch (Character.getType(each)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            visible.append("\\u%04x".formatted((int) each));
        default -> visible.append(each);
      }
    }
    return visible.toString();
  }
}
