package dev.patronus.store.outbox;

import java.util.OptionalLong;

/// Rows to be sent at once, and what is known once they were taken.
///
/// @param members the rows as members of a JSON object, each behind a comma
/// @param rows how many
/// @param marks behind them
/// @param drained whether nothing else waited when it was read
/// @param waiting how many rows waited besides
/// @param waitingSince the time of the oldest of these, in epoch seconds; empty where nothing
///   waited or where it is not known
public record Batch(
    String members,
    long rows,
    Marks marks,
    boolean drained,
    long waiting,
    OptionalLong waitingSince) {}
