/// The arithmetic of roll-ups: readings in order of arrival are summed up in cells of five minutes,
/// and those in hours and days.
///
/// In: [Reading][dev.patronus.history.Reading]s of a policy as they arrive. Out: [Cell]s, and which
/// [Tier] answers which part of a range. Never knows: SQL, files, clocks.
@NullMarked
package dev.patronus.history.tier;

import org.jspecify.annotations.NullMarked;
