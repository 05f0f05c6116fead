/// Times, durations and ranges as people write them: `15m`, `yesterday`, `2026-11`, `A..B`.
///
/// In: text, an instant to count from, a zone. Out: [TimeRange] (half-open), [java.time.Duration].
/// Never knows: which clock is right, which option the text belongs to.
@NullMarked
package dev.patronus.time;

import org.jspecify.annotations.NullMarked;
