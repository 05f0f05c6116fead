package dev.patronus.route;

import java.util.OptionalDouble;

/// One figure's share in the score of a path.
///
/// @param value the number itself, in the figure's unit; empty if it is not known
/// @param score of the figure alone, 0 to 100
/// @param weight as the policy has it; 1 where the policy uses no other metric
public record ScoreComponent(Metric figure, OptionalDouble value, double score, double weight) {}
