/// Roll-ups of traffic in tables of ours: [Rollup] adds rows to cells of five minutes as they
/// arrive, [TierRollup] sums hours and days up when they are over, [TierHistory] reads any range.
///
/// In: rows of `sdwan_policy_stats` and `patronus_unmatched_stats`. Out: cells in the tables of the
/// tiers, and the points of a history. Never knows: who asks, how it is shown.
@NullMarked
package dev.patronus.store.rollup;

import org.jspecify.annotations.NullMarked;
