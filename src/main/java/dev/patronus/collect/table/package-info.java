/// The table of the flows that were seen within the flow timeout.
///
/// In: [dev.patronus.flow.FlowRecord]s, the counter slot of each flow. Out: the volume, times and
/// exporter of each flow. Never knows: what a slot is, which policies there are, which thread
/// calls.
@NullMarked
package dev.patronus.collect.table;

import org.jspecify.annotations.NullMarked;
