package dev.patronus.source.netflow.exporter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// A bounded map in which admitted members are never displaced by candidates.
///
/// A new member is a candidate. At the limit of candidates the least recently used one is evicted.
/// A candidate that proves itself is admitted; at the limit of admitted members one of them is
/// evicted only if it was silent for [#SILENCE_MILLIS], otherwise the new one stays a candidate. So
/// a flood of unknown senders displaces only unknown senders. Confined to one thread.
final class Admissions<K, V> {
  /// How long an admitted member is kept that says nothing, when others need the room.
  static final long SILENCE_MILLIS = 30 * 60_000;

  /// Takes the members that go.
  interface Evictions<V> {
    void evicted(V member, boolean admitted);
  }

  private final int mostAdmitted;
  private final int mostCandidates;
  private final ToLongFunction<V> lastHeardMillis;
  private final Evictions<V> evictions;
  private final Map<K, V> admitted = new LinkedHashMap<>(16, 0.75f, true);
  private final SequencedMap<K, V> candidates = new LinkedHashMap<>(16, 0.75f, true);

  /// @param lastHeardMillis when a member was last heard of, by the monotonic clock
  Admissions(
      int mostAdmitted,
      int mostCandidates,
      ToLongFunction<V> lastHeardMillis,
      Evictions<V> evictions) {
    this.mostAdmitted = mostAdmitted;
    this.mostCandidates = mostCandidates;
    this.lastHeardMillis = lastHeardMillis;
    this.evictions = evictions;
  }

  /// The member of that key, or null.
  @Nullable V get(K key) {
    V known = admitted.get(key);
    return known == null ? candidates.get(key) : known;
  }

  /// Adds a candidate, whose key is not there yet.
  void add(K key, V candidate) {
    candidates.put(key, candidate);
    if (candidates.size() > mostCandidates) {
      evictions.evicted(candidates.pollFirstEntry().getValue(), false);
    }
  }

  /// Admits a candidate that has proven itself, if there is room.
  ///
  /// @return whether it is admitted
  boolean admit(K key, long nowMillis) {
    V candidate = candidates.get(key);
    if (candidate == null) {
      return admitted.containsKey(key);
    }
    if (admitted.size() >= mostAdmitted && !evictSilent(nowMillis)) {
      return false;
    }
    candidates.remove(key);
    admitted.put(key, candidate);
    return true;
  }

  private boolean evictSilent(long nowMillis) {
    Map.Entry<K, V> eldest = admitted.entrySet().iterator().next();
    if (nowMillis - lastHeardMillis.applyAsLong(eldest.getValue()) < SILENCE_MILLIS) {
      return false;
    }
    admitted.remove(eldest.getKey());
    evictions.evicted(eldest.getValue(), true);
    return true;
  }

  /// Removes a member at its owner's request; not reported as an eviction.
  void remove(K key) {
    admitted.remove(key);
    candidates.remove(key);
  }

  /// The candidate, else the admitted member, that was asked for longest ago; null if there is
  /// none.
  @Nullable V eldest() {
    Collection<V> first = candidates.isEmpty() ? admitted.values() : candidates.values();
    return first.isEmpty() ? null : first.iterator().next();
  }

  /// All members; a copy.
  List<V> all() {
    List<V> all = new ArrayList<>(admitted.size() + candidates.size());
    all.addAll(admitted.values());
    all.addAll(candidates.values());
    return all;
  }
}
