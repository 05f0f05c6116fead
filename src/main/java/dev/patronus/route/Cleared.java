package dev.patronus.route;

/// The number of removed entries of each cache.
public record Cleared(int metrics, int routing) {}
