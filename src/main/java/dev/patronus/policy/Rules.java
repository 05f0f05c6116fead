package dev.patronus.policy;

import dev.patronus.flow.FlowKey;

/// What a policy says about the flows that it takes: conditions, or a text that cannot be read.
public sealed interface Rules permits MatchRules, Unreadable {
  /// Whether a flow fits. Rules that cannot be read fit none.
  boolean matches(FlowKey flow);

  /// Reads `match_rules`. Never throws: what is wrong with the text becomes its [Unreadable].
  static Rules read(String matchRules) {
    return RulesReader.read(matchRules);
  }
}
