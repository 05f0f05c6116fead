/// The history of policies and paths, read for charts, reports and exports in steps: from the
/// roll-ups where they answer, else from rows.
///
/// In: policies or paths, a range and its steps. Out: series of points, or batches of rows. Never
/// knows: how roll-ups are written, and how a series is shown.
@NullMarked
package dev.patronus.store.history;

import org.jspecify.annotations.NullMarked;
