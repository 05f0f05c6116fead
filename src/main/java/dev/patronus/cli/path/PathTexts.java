package dev.patronus.cli.path;

import dev.patronus.cli.option.Finder;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.site.Path;
import dev.patronus.site.PathMeasurement;
import dev.patronus.store.table.PathTable;
import java.util.List;
import java.util.Map;

/// How paths read in answers, and how one is found.
public final class PathTexts {
  public static final Column<PathMeasurement> LATENCY =
      Column.of("latency_ms", "LATENCY", Kind.MILLIS, PathMeasurement::latencyMillis);
  public static final Column<PathMeasurement> JITTER =
      Column.of("jitter_ms", "JITTER", Kind.MILLIS, PathMeasurement::jitterMillis);
  public static final Column<PathMeasurement> LOSS =
      Column.of("packet_loss_pct", "LOSS", Kind.PERCENT, PathMeasurement::lossPercent);
  public static final Column<PathMeasurement> BANDWIDTH =
      Column.of("bandwidth_mbps", "MBIT/S", Kind.MEGABITS, PathMeasurement::bandwidthMbps);
  static final Column<PathMeasurement> MTU =
      Column.of("mtu", "MTU", Kind.NUMBER, PathMeasurement::mtu);
  static final Column<PathMeasurement> SCORE =
      Column.of("score", "SCORE", Kind.NUMBER, PathMeasurement::score);

  public static final Column<Path> ID =
      Column.of("path_id", "ID", Kind.ID, path -> Long.toString(path.id()));

  private PathTexts() {}

  /// The path of this id.
  static PathTable.Row find(PathTable paths, long id) {
    return paths
        .find(id)
        .orElseThrow(() -> {
          int count = paths.count();
          return new UserError(
              ExitCode.NOT_FOUND,
              "path "
                  + id
                  + " not found; "
                  + (count == 0
                      ? "there is none"
                      : "'patronus path list' shows " + Counted.existing(count)));
        });
  }

  /// Finds a site among these names by id.
  public static Finder<Map.Entry<String, String>> siteFinder(Map<String, String> names) {
    return new Finder<>(
        "site", List.copyOf(names.entrySet()), Map.Entry::getKey, Map.Entry::getValue, "site list");
  }

  /// The names of the sites at both ends.
  ///
  /// @param names of the sites by their ids
  public static List<Column<Path>> siteNames(Map<String, String> names) {
    return List.of(
        Column.of("src_site_name", "FROM", Kind.TEXT, path -> siteName(names, path.srcSiteId())),
        Column.of("dst_site_name", "TO", Kind.TEXT, path -> siteName(names, path.dstSiteId())));
  }

  /// A site's name; its id where nobody knows the name.
  public static String siteName(Map<String, String> names, String siteId) {
    return names.getOrDefault(siteId, siteId);
  }
}
