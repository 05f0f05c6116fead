package dev.patronus.collect;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.match.Matcher;
import java.util.function.LongToIntFunction;

/// Maps a flow key to a slot of the counters, without regard to other flows.
///
/// Immutable; each change of the policies or of the tunnels creates a new one, with the next
/// generation.
final class Classifier {
  private final int generation;
  private final Matcher matcher;
  private final TunnelFilter tunnels;
  private final int[] slots;

  Classifier(int generation, Matcher matcher, TunnelFilter tunnels, LongToIntFunction slotOf) {
    this.generation = generation;
    this.matcher = matcher;
    this.tunnels = tunnels;
    slots = matcher.policies().stream().mapToInt(p -> slotOf.applyAsInt(p.id())).toArray();
  }

  int generation() {
    return generation;
  }

  int slot(FlowKey flow) {
    if (tunnels.isTunnel(flow)) {
      return PolicyCounters.TUNNEL;
    }
    int position = matcher.match(flow);
    return position == Matcher.NONE ? PolicyCounters.UNMATCHED : slots[position];
  }
}
