package dev.patronus.history;

/// What the counters of one policy showed at one second: a row of `sdwan_policy_stats`.
///
/// Immutable.
///
/// @param policyId unsigned 64-bit
/// @param packets cumulative since the counters began
/// @param bytes cumulative since the counters began
/// @param activeFlows how many flows the policy carried just then
public record Reading(long policyId, long epochSecond, long packets, long bytes, long activeFlows) {

  /// Whether both counters can be what a counter shows. A negative one is damage, or a count beyond
  /// 63 bits, which no gateway reaches.
  public boolean plausible() {
    return packets >= 0 && bytes >= 0;
  }

  /// The same counters at another time.
  public Reading at(long second) {
    return second == epochSecond
        ? this
        : new Reading(policyId, second, packets, bytes, activeFlows);
  }
}
