package dev.patronus.flow.filter;

import dev.patronus.flow.IpAddress;
import java.util.OptionalLong;

/// The values of a flow that a [FlowFilter] reads.
///
/// Addresses are halves as in [IpAddress]; ports of ICMP as in [dev.patronus.flow.FlowKey].
public interface FlowView {
  long srcHigh();

  long srcLow();

  long dstHigh();

  long dstLow();

  int srcPort();

  int dstPort();

  int protocol();

  long packets();

  long bytes();

  /// The average rate of the flow: [dev.patronus.flow.Volume#perSecond].
  double bytesPerSecond();

  /// The policy that the flow is counted to; [dev.patronus.flow.Snapshot#UNMATCHED] if there is
  /// none.
  long policyId();

  /// Whether no policy matches; false for the platform's own tunnels, which are not matched.
  boolean isUnmatched();

  /// The path that the flow takes; empty if it has none.
  OptionalLong pathId();

  /// The exporter that reported the flow last; null if its source has no exporters.
  IpAddress exporter();
}
