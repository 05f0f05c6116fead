/// [TtlCache]: bounded, expiring, counted, and never stale after an invalidation.
///
/// In: keys, values, and functions that make a value when none is held. Out: values with their age,
/// and [CacheStatistics]. Never knows: what the values mean, which clock counts, who invalidates.
package dev.patronus.cache;
