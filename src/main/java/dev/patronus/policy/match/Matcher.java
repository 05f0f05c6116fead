package dev.patronus.policy.match;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.MatchRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Says which policy takes a flow: the compiled form of all policies that are enabled and readable.
///
/// Immutable; safe from any thread. A question costs five short searches and one walk over bits,
/// whatever the number of policies up to [MatcherBlock#SIZE_MAX]; beyond that, the walk is repeated
/// for each further block.
public final class Matcher {
  /// Stands where a position would, for a flow that no policy takes.
  public static final int NONE = -1;

  private final List<Policy> policies;
  private final MatcherBlock[] blocks;

  private Matcher(List<Policy> policies, MatcherBlock[] blocks) {
    this.policies = policies;
    this.blocks = blocks;
  }

  /// Compiles these policies, given in any order. Disabled and unreadable ones are left out.
  public static Matcher compile(Collection<Policy> policies) {
    List<Policy> effective =
        policies.stream().filter(Policy::isEffective).sorted(Policy.ORDER).toList();
    List<MatchRules> rules = new ArrayList<>(effective.size());
    for (Policy policy : effective) {
      if (policy.rules() instanceof MatchRules conditions) {
        rules.add(conditions);
      }
    }
    return new Matcher(effective, blocks(rules));
  }

  private static MatcherBlock[] blocks(List<MatchRules> rules) {
    int count = (rules.size() + MatcherBlock.SIZE_MAX - 1) / MatcherBlock.SIZE_MAX;
    MatcherBlock[] blocks = new MatcherBlock[count];
    for (int i = 0; i < count; i++) {
      int from = i * MatcherBlock.SIZE_MAX;
      int to = Math.min(from + MatcherBlock.SIZE_MAX, rules.size());
      blocks[i] = new MatcherBlock(rules.subList(from, to));
    }
    return blocks;
  }

  /// The policies that take part, in order of evaluation.
  public List<Policy> policies() {
    return policies;
  }

  /// The position in [#policies()] of the one that takes the flow, or [#NONE].
  public int match(FlowKey flow) {
    for (int i = 0; i < blocks.length; i++) {
      int position = blocks[i].match(flow);
      if (position >= 0) {
        return i * MatcherBlock.SIZE_MAX + position;
      }
    }
    return NONE;
  }

  /// The policy that takes the flow; empty if none does.
  public Optional<Policy> policyFor(FlowKey flow) {
    int position = match(flow);
    return position == NONE ? Optional.empty() : Optional.of(policies.get(position));
  }
}
