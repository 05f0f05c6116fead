package dev.patronus.site;

import java.util.Objects;

/// One uplink of a site: a row of `sdwan_endpoints`.
///
/// Immutable.
///
/// @param siteId the site that it belongs to
/// @param address address and port as text; [EndpointAddress] reads it
/// @param interfaceType what kind of line it is, in the admin's words: `fiber`, `lte`
/// @param costPerGb what a gigabyte costs there, in the admin's currency; whatever number was
///   stored, sane or not
/// @param reachable whether the platform reached it last time
public record Endpoint(
    long id,
    String siteId,
    String address,
    String interfaceType,
    double costPerGb,
    boolean reachable) {

  public Endpoint {
    Objects.requireNonNull(siteId, "siteId");
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(interfaceType, "interfaceType");
  }
}
