package dev.patronus.cli.path;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.GatewayRow;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.option.StatusOption;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.Path;
import dev.patronus.site.PathStatus;
import dev.patronus.store.table.PathHealthTable;
import dev.patronus.store.table.PathTable;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/// `patronus path list`: the paths between the sites, each with its newest measurement.
public final class PathListCommand extends WatchedCommand {
  private final Option<String> site =
      option(
          "--site",
          "SITE",
          text -> text,
          Completes.SITE,
          "only paths of this site, by id, name or the beginning of one");
  private final StatusOption status =
      new StatusOption(this, "path", EnumNames.of(PathStatus.Known.class));
  private final Option<Duration> downFor =
      option(
          "--down-for",
          "DURATION",
          DurationText::parse,
          "only paths that have been down for so long or longer by their health samples, as in 1h");
  private final ListOptions list = new ListOptions(this);
  private final FleetOptions fleet = new FleetOptions(this);
  private final Option<Boolean> deleted = fleet.deleted(this, "paths");

  public PathListCommand() {
    super(
        "Shows the paths between sites with their newest measurements and, if the"
            + " daemon runs, their traffic: FLOWS is the number of active flows on the"
            + " path, PACKETS and BYTES are counted since the daemon started. When a flow"
            + " changes its path, its earlier traffic stays with the previous path."
            + " PACKETS, JITTER, endpoints and site ids are shown with --columns, and in"
            + " JSON, NDJSON and CSV.");
    example("path list", "all paths");
    example("path list --site berlin --status degraded,down", "paths of berlin with problems");
    example("path list --down-for 1h", "paths that have been down for an hour or longer");
    example("path list --watch 1s --count 2", "refreshed, two updates a second apart");
    example("path list --columns path_id,wg_interface,jitter_ms", "other columns");
    example("path list --fleet --status down", "paths that are down, of all gateways of the hub");
  }

  @Override
  protected void check() {
    super.check();
    fleet.check();
    fleet.checkDeleted(deleted.get(), "");
    fleet.refuse(downFor.given(), "--down-for", "needs health samples, which gateways do not send");
  }

  @Override
  protected Answer answer(Invocation call) {
    return fleet.given() ? ofFleet(call) : own(call);
  }

  private Answer own(Invocation call) {
    PathTable paths = new PathTable(call.database());
    Map<String, String> names = paths.siteNames();
    List<GatewayRow<PathTable.Row>> all = paths.all().stream().map(GatewayRow::own).toList();
    Predicate<Path> wanted = ofSite(names).and(down(call));
    LivePaths live = LivePaths.ask(call);
    return answer(
        call,
        all,
        row -> wanted.test(row.row().path()),
        live,
        GatewayRow.columns(columns(_ -> names, live, call.now())));
  }

  private Answer ofFleet(Invocation call) {
    FleetReading.ListedPaths found = FleetReading.paths(call, fleet, deleted.get());
    List<GatewayRow<PathTable.Row>> all = found.paths().rows();
    IdentityHashMap<PathTable.Row, Map<String, String>> namesOf = new IdentityHashMap<>();
    all.forEach(
        each -> namesOf.put(each.row(), found.siteNames().getOrDefault(each.gateway(), Map.of())));
    Map<String, Predicate<Path>> ofSites = site.given() ? ofSites(found.siteNames()) : Map.of();
    LivePaths live = new LivePaths(Optional.empty(), Map.of());
    return answer(
        call,
        all,
        row ->
            !site.given() || ofSites.getOrDefault(row.gateway(), _ -> false).test(row.row().path()),
        live,
        GatewayRow.columns(
            columns(namesOf::get, live, call.now()), found.paths().several(), deleted.get()));
  }

  /// The paths of the site that is meant, for each gateway that has it.
  private Map<String, Predicate<Path>> ofSites(Map<String, Map<String, String>> names) {
    Map<String, Predicate<Path>> found = new HashMap<>();
    names.forEach((gateway, of) -> {
      try {
        found.put(gateway, ofSite(of));
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.NOT_FOUND) {
          throw e;
        }
      }
    });
    if (found.isEmpty()) {
      Map<String, String> all = new LinkedHashMap<>();
      new TreeMap<>(names).values().forEach(of -> of.forEach(all::putIfAbsent));
      Predicate<Path> _ = ofSite(all); // says that there is none
    }
    return found;
  }

  private Answer answer(
      Invocation call,
      List<GatewayRow<PathTable.Row>> all,
      Predicate<GatewayRow<PathTable.Row>> wanted,
      LivePaths live,
      List<Column<GatewayRow<PathTable.Row>>> columns) {
    Predicate<String> ofStatus =
        status.filter(all.stream().map(each -> each.row().path().status().text()).toList());
    List<GatewayRow<PathTable.Row>> shown =
        all.stream()
            .filter(each -> ofStatus.test(each.row().path().status().text()))
            .filter(wanted)
            .toList();
    Answer answer = new Answer();
    live.sayInto(answer, call);
    list.show(Table.of("paths", columns, shown), answer, call);
    if (shown.isEmpty()) {
      answer.note(all.isEmpty() ? "There are no paths." : "No matching paths.");
    }
    return answer;
  }

  private static List<Column<PathTable.Row>> columns(
      Function<PathTable.Row, Map<String, String>> names, LivePaths live, Instant now) {
    List<Column<PathTable.Row>> columns = new ArrayList<>();
    columns.add(PathTexts.ID.of(PathTable.Row::path));
    columns.add(
        Column.of(
            "src_site_name",
            "FROM",
            Kind.TEXT,
            row -> PathTexts.siteName(names.apply(row), row.path().srcSiteId())));
    columns.add(
        Column.of(
            "dst_site_name",
            "TO",
            Kind.TEXT,
            row -> PathTexts.siteName(names.apply(row), row.path().dstSiteId())));
    columns.addAll(live.columns(now));
    columns.add(Column.detail("src_site_id", Kind.ID, row -> row.path().srcSiteId()));
    columns.add(Column.detail("dst_site_id", Kind.ID, row -> row.path().dstSiteId()));
    return columns;
  }

  private Predicate<Path> ofSite(Map<String, String> names) {
    if (!site.given()) {
      return _ -> true;
    }
    String id = PathTexts.siteFinder(names).find(site.get()).getKey();
    return path -> path.touches(id);
  }

  /// Paths that are down, and were at each of their health samples for so long.
  private Predicate<Path> down(Invocation call) {
    if (!downFor.given()) {
      return _ -> true;
    }
    PathHealthTable health = new PathHealthTable(call.database());
    if (!health.exists()) {
      throw new UserError(
          ExitCode.FAILED,
          "schema version '"
              + call.database().schema().age()
              + "' has no table sdwan_path_health, which --down-for needs; use --status down");
    }
    Instant latest = call.now().minus(downFor.get());
    return path ->
        path.status() == PathStatus.Known.DOWN
            && health.downSince(path.id()).filter(since -> !since.isAfter(latest)).isPresent();
  }
}
