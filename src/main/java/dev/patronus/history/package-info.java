/// The arithmetic of cumulative counters over time: deltas across resets, steps of the calendar,
/// percentiles, retention.
///
/// In: [Reading]s of a policy, one by one, in order of time. Out: [Change]s, [Point]s and [Series],
/// and which readings need not be kept. Never knows: SQL, files, which clock is right, how a chart
/// is drawn.
@NullMarked
package dev.patronus.history;

import org.jspecify.annotations.NullMarked;
