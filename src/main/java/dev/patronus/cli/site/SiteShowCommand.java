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
import dev.patronus.site.Site;
import dev.patronus.store.Database;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.SiteTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `patronus site show`: one site, its endpoints, and its paths with their newest measurements.
public final class SiteShowCommand extends Command {
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
            .facts("site", "", facts(found))
            .table(endpoints(sites.endpoints(found.id())))
            .table(paths(found, paths.ofSite(found.id()), paths.siteNames(), live, call));
    live.sayInto(answer, call);
    return answer;
  }

  private static Map<Column, Object> facts(Site site) {
    Map<Column, Object> facts = new LinkedHashMap<>();
    facts.put(SiteTexts.NAME, site.name());
    facts.put(SiteTexts.ID, site.id());
    facts.put(Column.of("status", Kind.STATUS), site.status().text());
    facts.put(Column.of("last_seen", Kind.TIME), site.lastSeen());
    facts.put(Column.of("created_at", Kind.TIME), site.createdAt());
    facts.put(Column.of("public_key", Kind.ID), site.publicKey().toString());
    return facts;
  }

  private static Table endpoints(List<Endpoint> endpoints) {
    Table table =
        new Table(
            "endpoints",
            endpoints.isEmpty() ? "No endpoints" : "Endpoints",
            Column.of("endpoint_id", "ID", Kind.ID),
            Column.of("address", Kind.KEY),
            Column.of("interface_type", "TYPE", Kind.TEXT),
            Column.of("cost_per_gb", "COST/GB", Kind.NUMBER),
            Column.of("reachable", Kind.FLAG));
    for (Endpoint endpoint : endpoints) {
      table.row(
          Long.toString(endpoint.id()),
          endpoint.address(),
          endpoint.interfaceType(),
          endpoint.costPerGb(),
          endpoint.reachable());
    }
    return table;
  }

  private static Table paths(
      Site site,
      List<PathTable.Row> rows,
      Map<String, String> names,
      LivePaths live,
      Invocation call) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.of("path_id", "ID", Kind.ID));
    columns.add(Column.of("direction", "", Kind.TEXT));
    columns.add(Column.of("peer_site_name", "PEER", Kind.TEXT));
    columns.addAll(live.columns());
    columns.add(Column.detail("peer_site_id", Kind.ID));
    Table table = new Table("paths", rows.isEmpty() ? "No paths" : "Paths", columns);
    rows.forEach(row -> table.row(cells(site, row, names, live, call)));
    return table;
  }

  private static Object[] cells(
      Site site, PathTable.Row row, Map<String, String> names, LivePaths live, Invocation call) {
    boolean out = row.path().srcSiteId().equals(site.id());
    String peer = out ? row.path().dstSiteId() : row.path().srcSiteId();
    List<Object> cells = new ArrayList<>();
    cells.add(Long.toString(row.path().id()));
    cells.add(out ? "to" : "from");
    cells.add(PathTexts.siteName(names, peer));
    cells.addAll(live.cells(row, call.now()));
    cells.add(peer);
    return cells.toArray();
  }
}
