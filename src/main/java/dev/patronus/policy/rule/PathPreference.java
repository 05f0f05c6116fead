package dev.patronus.policy.rule;

/// By what a path is chosen.
///
/// Immutable.
public sealed interface PathPreference extends Preference {
  /// By one figure alone; the text is the database's name.
  enum Single implements PathPreference {
    LOWEST_LATENCY("LowestLatency"),
    HIGHEST_BANDWIDTH("HighestBandwidth"),
    LOWEST_PACKET_LOSS("LowestPacketLoss"),
    LOWEST_COST("LowestCost");

    private final String text;

    Single(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /// By several figures, each with its weight. Weights are finite; nothing says that they add up to
  /// one.
  record Custom(
      double latencyWeight,
      double jitterWeight,
      double lossWeight,
      double bandwidthWeight,
      double costWeight)
      implements PathPreference {

    public Custom {
      check("latency_weight", latencyWeight);
      check("jitter_weight", jitterWeight);
      check("loss_weight", lossWeight);
      check("bandwidth_weight", bandwidthWeight);
      check("cost_weight", costWeight);
    }

    private static void check(String name, double weight) {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException(name + " must be finite, was " + weight);
      }
    }

    @Override
    public String toString() {
      return "Custom(latency "
          + latencyWeight
          + ", jitter "
          + jitterWeight
          + ", loss "
          + lossWeight
          + ", bandwidth "
          + bandwidthWeight
          + ", cost "
          + costWeight
          + ")";
    }
  }
}
