/// The history of a path: what its measurements and its status were over time, in steps.
///
/// In: samples in order of time, [dev.patronus.history.Buckets]. Out: [PathSeries]. Never knows:
/// SQL, a clock, how a history is shown.
@NullMarked
package dev.patronus.site.history;

import org.jspecify.annotations.NullMarked;
