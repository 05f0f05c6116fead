/// Named counters and gauges.
///
/// In: increments from the threads that do the work. Out: readings by name and labels. Never knows:
/// who reads them, or in which format.
@NullMarked
package dev.patronus.metrics;

import org.jspecify.annotations.NullMarked;
