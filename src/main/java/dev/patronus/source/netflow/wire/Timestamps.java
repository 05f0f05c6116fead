package dev.patronus.source.netflow.wire;

/// One moment by two clocks. What flows are stamped with goes by the first; how long something
/// lasts (the life of a template, the wait for a template) by the second, so that a clock that is
/// set deletes nothing.
///
/// Immutable.
///
/// @param epochMillis by the wall clock, which people and time servers set
/// @param steadyMillis by a clock that only goes forward, from any beginning
public record Timestamps(long epochMillis, long steadyMillis) {}
