package dev.patronus.fleet.read;

import java.util.Objects;

/// A policy of a gateway.
///
/// @param gateway its name
/// @param policyId unsigned 64-bit; two gateways may have the same
public record HubPolicy(String gateway, long policyId) implements Comparable<HubPolicy> {
  public HubPolicy {
    Objects.requireNonNull(gateway, "gateway");
  }

  /// By gateway, and in it in unsigned order of the ids.
  @Override
  public int compareTo(HubPolicy other) {
    int order = gateway.compareTo(other.gateway);
    return order == 0 ? Long.compareUnsigned(policyId, other.policyId) : order;
  }
}
