package dev.patronus.control.answer;

import dev.patronus.json.Json;
import java.time.Instant;
import java.util.List;

/// The statistics of the daemon's caches.
///
/// Immutable.
///
/// @param database the daemon's database file
public record CacheAnswer(Instant asOf, String database, List<Cache> caches) {

  /// The statistics of one cache.
  ///
  /// @param entries all that are held: `active + expired`
  /// @param hitRate 0 to 1
  /// @param entriesMax the most entries that it holds
  /// @param ttlSeconds how long an entry is served
  public record Cache(
      String name,
      long entries,
      long active,
      long expired,
      long hits,
      long misses,
      double hitRate,
      long evictions,
      long entriesMax,
      long ttlSeconds) {
    private Json.Obj json() {
      return Json.object()
          .put("cache", name)
          .put("entries", entries)
          .put("active", active)
          .put("expired", expired)
          .put("hits", hits)
          .put("misses", misses)
          .put("hit_rate", hitRate)
          .put("evictions", evictions)
          .put("entries_max", entriesMax)
          .put("ttl_seconds", ttlSeconds)
          .build();
    }

    private static Cache read(Json.Obj json) {
      return new Cache(
          json.text("cache"),
          json.integer("entries"),
          json.integer("active"),
          json.integer("expired"),
          json.integer("hits"),
          json.integer("misses"),
          json.number("hit_rate").toDouble(),
          json.integer("evictions"),
          json.integer("entries_max"),
          json.integer("ttl_seconds"));
    }
  }

  public Json.Obj json() {
    return Json.object()
        .put("as_of", asOf.toString())
        .put("database", database)
        .putObjects("caches", caches, Cache::json)
        .build();
  }

  /// Reads what [#json()] wrote.
  ///
  /// @throws IllegalArgumentException if it is another document
  public static CacheAnswer read(Json.Obj json) {
    return new CacheAnswer(
        json.time("as_of"), json.text("database"), json.objects("caches", Cache::read));
  }
}
