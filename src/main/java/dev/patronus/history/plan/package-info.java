/// How the history of a range is read from roll-ups of several resolutions: which of them answer
/// for which steps, and how their cells become points.
///
/// In: ranges, steps, cells. Out: [HistoryPlan]s and points. Never knows: where cells are stored.
@NullMarked
package dev.patronus.history.plan;

import org.jspecify.annotations.NullMarked;
