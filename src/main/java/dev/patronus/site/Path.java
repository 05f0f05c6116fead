package dev.patronus.site;

import java.util.Objects;
import java.util.Optional;

/// A one-way tunnel from one site's uplink to another's: a row of `sdwan_paths`.
///
/// Immutable.
///
/// @param srcEndpoint the uplink that it leaves by, as text; [EndpointAddress] reads it
/// @param dstEndpoint the uplink that it arrives at
/// @param wgInterface the WireGuard interface that carries it; empty where none is set up
public record Path(
    long id,
    String srcSiteId,
    String dstSiteId,
    String srcEndpoint,
    String dstEndpoint,
    Optional<String> wgInterface,
    PathStatus status) {

  public Path {
    Objects.requireNonNull(srcSiteId, "srcSiteId");
    Objects.requireNonNull(dstSiteId, "dstSiteId");
    Objects.requireNonNull(srcEndpoint, "srcEndpoint");
    Objects.requireNonNull(dstEndpoint, "dstEndpoint");
    Objects.requireNonNull(wgInterface, "wgInterface");
    Objects.requireNonNull(status, "status");
  }

  /// Whether it begins or ends at this site.
  public boolean touches(String siteId) {
    return srcSiteId.equals(siteId) || dstSiteId.equals(siteId);
  }

  /// Whether traffic is sent over it: its status is up or degraded.
  public boolean usable() {
    return status.usable();
  }
}
