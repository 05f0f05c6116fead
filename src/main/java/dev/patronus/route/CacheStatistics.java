package dev.patronus.route;

/// What a cache holds at one instant, and what became of the questions to it since it was made.
///
/// @param entries all that are held: `active + expired`
/// @param active those that would be served
/// @param expired those that are past their time and wait for a clean-up
/// @param hits questions that a held value answered
/// @param misses all other questions, those that met an expired entry included
/// @param evictions entries that made room for others
public record CacheStatistics(
    long entries, long active, long expired, long hits, long misses, long evictions) {

  /// The part of the questions that were hits, 0 to 1; 0 if nothing was asked.
  public double hitRate() {
    long questions = hits + misses;
    return questions == 0 ? 0 : (double) hits / questions;
  }
}
