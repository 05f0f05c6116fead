package dev.patronus.cli;

import dev.patronus.export.Answer;
import dev.patronus.export.Column;
import dev.patronus.export.Column.Kind;
import dev.patronus.export.Table;
import dev.patronus.site.Path;
import dev.patronus.site.PathMeasurement;
import dev.patronus.store.PathTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// `patronus path list`: the paths between the sites, each with its newest measurement.
final class PathListCommand extends Subcommand {
  private final Opt<String> site =
      option(
          "--site",
          "SITE",
          text -> text,
          Completes.SITE,
          "only paths that begin or end at this site, by id, name or the beginning of one");
  private final Opt<List<String>> status =
      options(
          "--status",
          "STATUS",
          text -> text,
          Completes.NOTHING,
          "only paths of this status: up, degraded or down; may be repeated");

  PathListCommand() {
    super(
        "Shows the paths between the sites with their newest measurements and, where the daemon"
            + " runs, what its live flows put on each: the flows that would take the path now."
            + " JITTER, the end points and the sites' ids are shown with --columns, and in the"
            + " formats for programs.");
    example("path list", "all paths");
    example("path list --site berlin --status degraded,down", "where berlin has trouble");
    example("path list --columns path_id,wg_interface,jitter_ms", "other columns");
  }

  @Override
  protected Answer run(Call call) {
    PathTable paths = new PathTable(call.database());
    Map<String, String> names = paths.siteNames();
    Predicate<Path> wanted = ofSite(names).and(ofStatus());
    List<PathTable.Row> all = paths.all();
    List<PathTable.Row> shown = all.stream().filter(row -> wanted.test(row.path())).toList();
    LivePaths live = LivePaths.ask(call);
    Table table = new Table("paths", "", columns(live));
    shown.forEach(row -> table.row(cells(row, names, live, call)));
    Answer answer = new Answer().table(table);
    live.restriction().ifPresent(answer::say);
    if (shown.isEmpty()) {
      answer.say(all.isEmpty() ? "There are no paths." : "None of the paths is like that.");
    }
    return answer;
  }

  /// Where the traffic is known it takes the place of the platform's score, which decides nothing.
  private static Column[] columns(LivePaths live) {
    Column[] traffic = live.columns();
    return new Column[] {
      Column.of("path_id", "ID", Kind.ID),
      Column.of("src_site_name", "FROM", Kind.TEXT),
      Column.of("dst_site_name", "TO", Kind.TEXT),
      Column.of("status", Kind.STATUS),
      PathTexts.LATENCY,
      PathTexts.LOSS,
      PathTexts.BANDWIDTH,
      live.known() ? Column.detail("score", Kind.NUMBER) : PathTexts.SCORE,
      traffic[0],
      traffic[1],
      traffic[2],
      Column.of("age_seconds", "AGE", Kind.SECONDS),
      Column.detail("measured_at", Kind.TIME),
      Column.detail("jitter_ms", Kind.MILLIS),
      Column.detail("mtu", Kind.NUMBER),
      Column.detail("wg_interface", Kind.TEXT),
      Column.detail("src_endpoint", Kind.TEXT),
      Column.detail("dst_endpoint", Kind.TEXT),
      Column.detail("src_site_id", Kind.ID),
      Column.detail("dst_site_id", Kind.ID),
    };
  }

  private Predicate<Path> ofSite(Map<String, String> names) {
    if (!site.given()) {
      return _ -> true;
    }
    String id = PathTexts.siteFinder(names).find(site.get()).getKey();
    return path -> path.touches(id);
  }

  private Predicate<Path> ofStatus() {
    List<String> wanted = status.or(List.of());
    return path ->
        wanted.isEmpty() || wanted.stream().anyMatch(path.status().text()::equalsIgnoreCase);
  }

  private static Object[] cells(
      PathTable.Row row, Map<String, String> names, LivePaths live, Call call) {
    Path path = row.path();
    PathMeasurement latest = row.latest().orElse(null);
    Object[] measured = PathTexts.cells(latest);
    Object[] traffic = live.cells(List.of(path.id()));
    return new Object[] {
      Long.toString(path.id()),
      PathTexts.siteName(names, path.srcSiteId()),
      PathTexts.siteName(names, path.dstSiteId()),
      path.status().text(),
      measured[0],
      measured[2],
      measured[3],
      measured[5],
      traffic[0],
      traffic[1],
      traffic[2],
      latest == null ? null : Duration.between(latest.at(), call.now()).toSeconds(),
      latest == null ? null : latest.at(),
      measured[1],
      measured[4],
      path.wgInterface().orElse(null),
      path.srcEndpoint(),
      path.dstEndpoint(),
      path.srcSiteId(),
      path.dstSiteId(),
    };
  }
}
