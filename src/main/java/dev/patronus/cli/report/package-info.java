/// The `report` command: a time range as one page or document.
///
/// In: options, history, live flows. Out: a report. Never knows: SQL, HTML.
@NullMarked
package dev.patronus.cli.report;

import org.jspecify.annotations.NullMarked;
