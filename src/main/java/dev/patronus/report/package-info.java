/// A range of time as one page: tables, charts and what the numbers mean, in HTML and SVG.
///
/// In: a [TrafficReport], whole. Out: one document that needs nothing beside it, no script and no
/// network. Never knows: where the numbers are from, that a disk exists, which browser reads it.
package dev.patronus.report;
