/// Rows become bytes: one file per format, streaming.
///
/// In: an [Answer] (facts, tables, sentences) or rows one by one. Out: bytes in the format that was
/// asked for. Never knows: where rows come from, which command asked, how an option is spelled.
package dev.patronus.export;
