package dev.patronus.collect;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Recognises the platform's own tunnels: UDP from or to an endpoint of the platform at a WireGuard
/// port. Traffic through a tunnel was already seen before it entered; counting the tunnel would
/// count it twice.
///
/// Immutable.
public final class TunnelFilter {
  /// The port of WireGuard where no other is configured.
  public static final int WIREGUARD_PORT = 51820;

  /// A filter that excludes nothing (`--count-tunnels`).
  public static final TunnelFilter NONE = new TunnelFilter(Map.of(), Set.of());

  private final Map<IpAddress, Set<Integer>> endpointPorts;
  private final Set<Integer> wireguardPorts;

  private TunnelFilter(Map<IpAddress, Set<Integer>> endpointPorts, Set<Integer> wireguardPorts) {
    this.endpointPorts = Map.copyOf(endpointPorts);
    this.wireguardPorts = Set.copyOf(wireguardPorts);
  }

  /// One end of a tunnel, as `sdwan_endpoints` has it.
  ///
  /// @param port the endpoint's own port; 0 if none is stored
  public record End(IpAddress address, int port) {}

  /// A filter for these endpoints.
  ///
  /// @param wireguardPorts the ports that a tunnel may use at each of them, besides the endpoint's
  ///   own
  public static TunnelFilter of(Collection<End> ends, Set<Integer> wireguardPorts) {
    Map<IpAddress, Set<Integer>> ports = new HashMap<>();
    for (End end : ends) {
      ports.merge(end.address(), Set.of(end.port()), TunnelFilter::union);
    }
    return new TunnelFilter(ports, wireguardPorts);
  }

  private static Set<Integer> union(Set<Integer> a, Set<Integer> b) {
    Set<Integer> both = new HashSet<>(a);
    both.addAll(b);
    return Set.copyOf(both);
  }

  /// Whether the flow is a tunnel of the platform.
  public boolean isTunnel(FlowKey flow) {
    return flow.protocol() == FlowKey.UDP
        && !endpointPorts.isEmpty()
        && (isEnd(flow.dst(), flow.dstPort()) || isEnd(flow.src(), flow.srcPort()));
  }

  private boolean isEnd(IpAddress address, int port) {
    Set<Integer> own = endpointPorts.get(address);
    return own != null && port != 0 && (own.contains(port) || wireguardPorts.contains(port));
  }
}
