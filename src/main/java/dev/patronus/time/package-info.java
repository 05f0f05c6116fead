/// Times as people write them: `15m`, `yesterday`, `2026-11`, `A..B`, and what they mean.
///
/// In: text, an instant to count from, a zone. Out: [TimeRange] (half-open), [java.time.Duration].
/// Never knows: which clock is right, which option the text stood behind, what is done with it.
package dev.patronus.time;
