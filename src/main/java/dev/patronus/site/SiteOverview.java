package dev.patronus.site;

import java.util.Objects;

/// A site with the number of its dependent rows.
///
/// Immutable. A path counts at both its ends.
///
/// @param pathsOther paths whose status is a word that nobody knows
public record SiteOverview(
    Site site, long endpoints, long pathsUp, long pathsDegraded, long pathsDown, long pathsOther) {

  public SiteOverview {
    Objects.requireNonNull(site, "site");
  }

  public long paths() {
    return pathsUp + pathsDegraded + pathsDown + pathsOther;
  }
}
