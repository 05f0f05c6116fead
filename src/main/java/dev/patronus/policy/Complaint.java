package dev.patronus.policy;

import dev.patronus.json.Json;

/// Wrong values as they stand in a complaint: cut to a limit, so that a line stays a line.
final class Complaint {
  private static final int LENGTH_MAX = 60;

  private Complaint() {}

  static String excerpt(Json value) {
    return cut(value.toString());
  }

  static String cut(String text) {
    return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + "...";
  }
}
