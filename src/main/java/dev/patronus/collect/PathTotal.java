package dev.patronus.collect;

/// The volume of one path since the start of the accounting, and its live flows.
///
/// Immutable.
///
/// @param activeFlows the live flows of the policies that choose it now
/// @param packets counted to policies while they chose it
/// @param bytes IP bytes, likewise
public record PathTotal(long pathId, long activeFlows, long packets, long bytes) {}
