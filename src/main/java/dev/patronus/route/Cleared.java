package dev.patronus.route;

/// How many entries each cache lost.
public record Cleared(int metrics, int routing) {
  public int total() {
    return metrics + routing;
  }
}
