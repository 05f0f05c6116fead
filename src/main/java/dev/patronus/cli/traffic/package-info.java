/// The traffic of policies as rows: read live from the daemon or from the last snapshot, with
/// rates, sums and alerts.
///
/// In: replies and rows. Out: [TrafficRow]s and the answer made of them. Never knows: how often
/// they are read.
@NullMarked
package dev.patronus.cli.traffic;

import org.jspecify.annotations.NullMarked;
