package dev.patronus.route;

/// The statistics of a cache: its entries now, and its lookups since it was created.
///
/// @param entries all that are held: `active + expired`
/// @param active those that would be served
/// @param expired those that are past their time and wait for a clean-up
/// @param hits lookups answered from the cache
/// @param misses all other lookups, those that met an expired entry included
/// @param evictions entries evicted for others
public record CacheStatistics(
    long entries, long active, long expired, long hits, long misses, long evictions) {

  /// The part of the questions that were hits, 0 to 1; 0 if nothing was asked.
  public double hitRate() {
    long questions = hits + misses;
    return questions == 0 ? 0 : (double) hits / questions;
  }
}
