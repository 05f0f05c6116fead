package dev.patronus.route;

import dev.patronus.site.Endpoint;
import dev.patronus.site.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;

/// All paths of the platform, and what a gigabyte costs on each (see [EndpointCosts]).
///
/// Immutable.
public final class Mesh {
  /// A mesh without paths.
  public static final Mesh EMPTY = new Mesh(List.of(), List.of());

  /// A path and its price.
  ///
  /// @param costPerGb empty if it is unknown
  record Priced(Path path, OptionalDouble costPerGb) {}

  private final List<Path> paths;
  private final List<Endpoint> endpoints;
  private final List<Priced> priced;

  /// @param paths in any order
  /// @param endpoints in any order
  public Mesh(Collection<Path> paths, Collection<Endpoint> endpoints) {
    this.paths = paths.stream().sorted(Comparator.comparingLong(Path::id)).toList();
    this.endpoints = endpoints.stream().sorted(Comparator.comparingLong(Endpoint::id)).toList();
    EndpointCosts costs = new EndpointCosts(this.endpoints);
    this.priced = this.paths.stream().map(path -> new Priced(path, costs.of(path))).toList();
  }

  /// All paths, in order of their ids.
  public List<Path> paths() {
    return paths;
  }

  /// All paths with their prices, in order of their ids.
  List<Priced> priced() {
    return priced;
  }

  /// The sites that have paths, but none that is up or degraded.
  public SortedSet<String> cutOffSites() {
    SortedSet<String> sites = new TreeSet<>();
    paths.forEach(path -> sites.addAll(List.of(path.srcSiteId(), path.dstSiteId())));
    paths.stream()
        .filter(Path::usable)
        .forEach(path -> sites.removeAll(List.of(path.srcSiteId(), path.dstSiteId())));
    return sites;
  }

  /// Whether both have the same paths and endpoints.
  public boolean sameAs(Mesh other) {
    return paths.equals(other.paths) && endpoints.equals(other.endpoints);
  }
}
