package dev.patronus.cli.path;

import dev.patronus.cli.option.Finder;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.site.PathMeasurement;
import dev.patronus.store.table.PathTable;
import java.util.List;
import java.util.Map;

/// How paths read in answers, and how one is found.
public final class PathTexts {
  public static final Column LATENCY = Column.of("latency_ms", "LATENCY", Kind.MILLIS);
  public static final Column JITTER = Column.of("jitter_ms", "JITTER", Kind.MILLIS);
  public static final Column LOSS = Column.of("packet_loss_pct", "LOSS", Kind.PERCENT);
  public static final Column BANDWIDTH = Column.of("bandwidth_mbps", "MBIT/S", Kind.MEGABITS);
  static final Column MTU = Column.of("mtu", "MTU", Kind.NUMBER);
  public static final Column SCORE = Column.of("score", "SCORE", Kind.NUMBER);

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

  /// The cells of a measurement: latency, jitter, loss, bandwidth, MTU, score.
  static Object[] cells(PathMeasurement measured) {
    return measured == null
        ? new Object[6]
        : new Object[] {
          measured.latencyMillis(),
          measured.jitterMillis(),
          measured.lossPercent(),
          measured.bandwidthMbps(),
          measured.mtu(),
          measured.score()
        };
  }

  /// A site's name; its id where nobody knows the name.
  public static String siteName(Map<String, String> names, String siteId) {
    return names.getOrDefault(siteId, siteId);
  }
}
