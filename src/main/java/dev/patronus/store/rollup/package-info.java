/// Roll-ups of traffic in tables of ours: written as rows arrive, closed by the hour and the day,
/// and read for any range.
///
/// In: rows of `sdwan_policy_stats` and `patronus_unmatched_stats`. Out: cells in the tables of the
/// tiers, and the points of a history. Never knows: who asks, how it is shown.
@NullMarked
package dev.patronus.store.rollup;

import org.jspecify.annotations.NullMarked;
