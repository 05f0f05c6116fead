/// The state that is kept for each exporter: templates (in its [Stream]s), sampling rates, sequence
/// numbers, counters, all within a budget of bytes.
///
/// In: addresses, domains, templates, options. Out: [Exporter], its streams and its status. Never
/// knows: how a record is decoded.
@NullMarked
package dev.patronus.source.netflow.exporter;

import org.jspecify.annotations.NullMarked;
