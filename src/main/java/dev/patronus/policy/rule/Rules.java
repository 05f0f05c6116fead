package dev.patronus.policy.rule;

import dev.patronus.flow.FlowKey;

/// What a policy says about the flows that it takes: conditions, or a text that cannot be read.
public sealed interface Rules permits MatchRules, Invalid {
  /// Whether a flow fits. Rules that cannot be read fit none.
  boolean matches(FlowKey flow);

  /// Reads `match_rules`. Never throws: what is wrong with the text becomes its [Invalid].
  static Rules read(String matchRules) {
    return RulesReader.read(matchRules);
  }
}
