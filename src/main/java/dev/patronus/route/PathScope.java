package dev.patronus.route;

import dev.patronus.site.Path;
import java.util.Objects;
import java.util.Optional;

/// Which paths are asked about: all, those from one site, those to another.
///
/// The platform stores no addresses behind a site, so a flow's addresses do not narrow its
/// candidates: to the platform every usable path is one. Who knows between which sites a flow goes
/// says so here.
public record PathScope(Optional<String> fromSiteId, Optional<String> toSiteId) {
  /// All paths, as the platform asks.
  public static final PathScope ALL = new PathScope(Optional.empty(), Optional.empty());

  public PathScope {
    Objects.requireNonNull(fromSiteId, "fromSiteId");
    Objects.requireNonNull(toSiteId, "toSiteId");
  }

  public boolean contains(Path path) {
    return fromSiteId.map(path.srcSiteId()::equals).orElse(true)
        && toSiteId.map(path.dstSiteId()::equals).orElse(true);
  }
}
