/// Builds the row from source to store, starts it from the store to the sources, and stops it in
/// reverse; ticks the snapshots, answers `control`, serves the metrics page.
///
/// In: settings, signals, questions. Out: snapshots in the database, answers, log lines. Never
/// knows: how a command line is parsed, how a record is decoded.
package dev.patronus.daemon;
