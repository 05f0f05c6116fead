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
    return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + "...";
  }
}
