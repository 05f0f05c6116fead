/// What remembering means, without a disk: changes of cumulative counters, steps of the wall clock,
/// percentiles, and what may be forgotten when.
///
/// In: [Reading]s of a policy, one by one, in order of time. Out: [Change]s, [Point]s and [Series],
/// and which readings need not be kept. Never knows: SQL, files, which clock is right, how a chart
/// is drawn.
package dev.patronus.history;
