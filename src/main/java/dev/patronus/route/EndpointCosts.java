package dev.patronus.route;

import dev.patronus.site.Endpoint;
import dev.patronus.site.EndpointAddress;
import dev.patronus.site.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The cost of a gigabyte at each endpoint, and therefore on each path.
///
/// Immutable. A gigabyte on a path goes through both its endpoints and is paid at both, so its cost
/// is the sum of theirs. An endpoint of a path is the row of `sdwan_endpoints` of the same site and
/// address; where only one of the two texts has a port, the address alone decides; where several
/// rows fit, the one with the highest id, which was written last. If either endpoint has no row,
/// the cost is unknown: half of a price is none.
final class EndpointCosts {
  /// An endpoint as somebody may call it.
  private record Name(String siteId, String address) {}

  private final Map<Name, Double> costs = new HashMap<>();

  /// @param endpoints in order of their ids
  EndpointCosts(List<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) {
      costs.put(asWritten(endpoint.siteId(), endpoint.address()), endpoint.costPerGb());
      EndpointAddress.parse(endpoint.address()).ifPresent(address -> learn(endpoint, address));
    }
  }

  private void learn(Endpoint endpoint, EndpointAddress address) {
    costs.put(new Name(endpoint.siteId(), address.toString()), endpoint.costPerGb());
    if (address.port().isPresent()) {
      costs.put(onAnyPort(endpoint.siteId(), address), endpoint.costPerGb());
    }
  }

  /// What a gigabyte costs on the path; empty if it is unknown.
  OptionalDouble of(Path path) {
    Optional<Double> src = cost(path.srcSiteId(), path.srcEndpoint());
    Optional<Double> dst = cost(path.dstSiteId(), path.dstEndpoint());
    return src.isPresent() && dst.isPresent()
        ? OptionalDouble.of(src.get() + dst.get())
        : OptionalDouble.empty();
  }

  private Optional<Double> cost(String siteId, String text) {
    return known(asWritten(siteId, text))
        .or(() -> EndpointAddress.parse(text).flatMap(address -> cost(siteId, address)));
  }

  private Optional<Double> cost(String siteId, EndpointAddress address) {
    Name otherwise =
        address.port().isPresent()
            ? new Name(siteId, address.ip().toString())
            : onAnyPort(siteId, address);
    return known(new Name(siteId, address.toString())).or(() -> known(otherwise));
  }

  private Optional<Double> known(Name name) {
    return Optional.ofNullable(costs.get(name));
  }

  private static Name asWritten(String siteId, String text) {
    return new Name(siteId, text.strip());
  }

  private static Name onAnyPort(String siteId, EndpointAddress address) {
    return new Name(siteId, address.ip() + " on any port");
  }
}
