package dev.patronus.cli.site;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.path.LivePaths;
import dev.patronus.cli.path.PathTexts;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.Endpoint;
import dev.patronus.site.Path;
import dev.patronus.site.Site;
import dev.patronus.store.Database;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.SiteTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `patronus site show`: one site, its endpoints, and its paths with their newest measurements.
public final class SiteShowCommand extends Command {
  private static final List<Column<Site>> FACTS =
      List.of(
          SiteTexts.NAME,
          SiteTexts.ID,
          SiteTexts.STATUS,
          SiteTexts.LAST_SEEN,
          SiteTexts.CREATED,
          Column.of("public_key", Kind.ID, site -> site.publicKey().toString()));

  private static final List<Column<Endpoint>> ENDPOINTS =
      List.of(
          Column.of("endpoint_id", "ID", Kind.ID, endpoint -> Long.toString(endpoint.id())),
          Column.of("address", Kind.KEY, Endpoint::address),
          Column.of("interface_type", "TYPE", Kind.TEXT, Endpoint::interfaceType),
          Column.of("cost_per_gb", "COST/GB", Kind.NUMBER, Endpoint::costPerGb),
          Column.of("reachable", Kind.FLAG, Endpoint::reachable));

  private final Option<String> site =
      argument(
          "SITE",
          "1",
          text -> text,
          Completes.SITE,
          "the site, by UUID, name or the beginning of one");

  public SiteShowCommand() {
    super(
        "Shows a site with its endpoints and paths, the newest measurements and, if"
            + " the daemon runs, the traffic of each path (as in 'patronus path list')."
            + " 'patronus site delete SITE --dry-run' shows what would be deleted with it.");
    example("site show berlin", "the site berlin");
    example("site show bdd640fb --json", "as JSON, by the beginning of a UUID");
  }

  @Override
  public Answer run(Invocation call) {
    Database database = call.database();
    SiteTable sites = new SiteTable(database);
    Site found = SiteTexts.finder(sites.all()).find(site.get());
    PathTable paths = new PathTable(database);
    LivePaths live = LivePaths.ask(call);
    Answer answer =
        new Answer()
            .facts("site", "", FACTS, found)
            .table(endpoints(sites.endpoints(found.id())))
            .table(paths(found, paths.ofSite(found.id()), paths.siteNames(), live, call));
    live.sayInto(answer, call);
    return answer;
  }

  private static Table<Endpoint> endpoints(List<Endpoint> endpoints) {
    return Table.of("endpoints", ENDPOINTS, endpoints)
        .titled(endpoints.isEmpty() ? "No endpoints" : "Endpoints");
  }

  private static Table<PathTable.Row> paths(
      Site site,
      List<PathTable.Row> rows,
      Map<String, String> names,
      LivePaths live,
      Invocation call) {
    List<Column<PathTable.Row>> columns = new ArrayList<>();
    columns.add(PathTexts.ID.of(PathTable.Row::path));
    columns.add(
        Column.of("direction", "", Kind.TEXT, row -> isFrom(site, row.path()) ? "to" : "from"));
    columns.add(
        Column.of(
            "peer_site_name",
            "PEER",
            Kind.TEXT,
            row -> PathTexts.siteName(names, peer(site, row.path()))));
    columns.addAll(live.columns(call.now()));
    columns.add(Column.detail("peer_site_id", Kind.ID, row -> peer(site, row.path())));
    return Table.of("paths", columns, rows).titled(rows.isEmpty() ? "No paths" : "Paths");
  }

  private static boolean isFrom(Site site, Path path) {
    return path.srcSiteId().equals(site.id());
  }

  private static String peer(Site site, Path path) {
    return isFrom(site, path) ? path.dstSiteId() : path.srcSiteId();
  }
}
