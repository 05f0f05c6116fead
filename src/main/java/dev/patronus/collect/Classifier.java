package dev.patronus.collect;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.match.Matcher;

/// Maps a flow key to a slot of the counters, without regard to other flows.
///
/// Immutable; each change of the policies or of the tunnels creates a new one, with the next
/// generation.
final class Classifier {
  private final int generation;
  private final Matcher matcher;
  private final TunnelFilter tunnels;
  private final int[] matched;
  private final int[] slots;

  /// @param matched the position of each of the matcher's policies among all policies
  /// @param slots the slot of each of these
  Classifier(int generation, Matcher matcher, TunnelFilter tunnels, int[] matched, int[] slots) {
    this.generation = generation;
    this.matcher = matcher;
    this.tunnels = tunnels;
    this.matched = matched;
    this.slots = slots;
  }

  int generation() {
    return generation;
  }

  int slot(FlowKey flow) {
    if (tunnels.isTunnel(flow)) {
      return PolicyCounters.TUNNEL;
    }
    int position = matcher.match(flow);
    return position == Matcher.NONE ? PolicyCounters.UNMATCHED : slots[matched[position]];
  }
}
