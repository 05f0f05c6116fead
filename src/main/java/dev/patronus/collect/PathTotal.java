package dev.patronus.collect;

/// What one path has carried since the books were opened, and what it carries now.
///
/// Immutable.
///
/// @param activeFlows the live flows of the policies that choose it now
/// @param packets counted to policies while they chose it
/// @param bytes IP bytes, likewise
public record PathTotal(long pathId, long activeFlows, long packets, long bytes) {}
