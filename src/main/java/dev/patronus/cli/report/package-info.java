/// The `report` command: a time range as one page or document.
///
/// In: options, history, live flows. Out: a report. Never knows: SQL, HTML.
package dev.patronus.cli.report;
