package dev.patronus.cli.path;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.Path;
import dev.patronus.site.PathHealth;
import dev.patronus.site.PathMeasurement;
import dev.patronus.site.failover.FailoverUse;
import dev.patronus.store.Database;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathHealthTable;
import dev.patronus.store.table.PathTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `patronus path show`: one path, its newest measurements, and what counts on it.
public final class PathShowCommand extends Command {
  private static final int DEFAULT_ROWS = 10;
  private static final Column AT = Column.of("timestamp", "TIME", Kind.TIME);

  private final Option<Long> id =
      argument("ID", "1", text -> EnumNames.wholeNumber(text, 0), Completes.PATH, "the path's id");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "N",
          text -> EnumNames.wholeNumber(text, 0),
          "number of history rows (default: " + DEFAULT_ROWS + ")");

  public PathShowCommand() {
    super(
        "Shows a path: its two ends, newest measurement and health, the failover"
            + " policies that use it, and its recent history; if the daemon runs, also its"
            + " traffic (as in 'patronus path list').");
    example("path show 1", "the path with the id 1");
    example("path show 1 --limit 60 --json", "with 60 rows of history, as JSON");
  }

  @Override
  public Answer run(Invocation call) {
    Database database = call.database();
    PathTable paths = new PathTable(database);
    PathTable.Row row = PathTexts.find(paths, id.get());
    int rows = (int) Math.min(limit.or((long) DEFAULT_ROWS), 100_000);
    Map<Column, Object> facts = facts(row, paths.siteNames());
    LivePaths live = LivePaths.ask(call);
    live.facts(id.get(), call.format(), facts);
    Answer answer = new Answer().facts("path", "", facts);
    live.sayInto(answer, call);
    new PathHealthTable(database)
        .recent(id.get(), 1)
        .forEach(health -> answer.facts("health", "Health", health(health)));
    uses(new FailoverTable(database).using(id.get()), answer);
    return answer.table(history(paths.recent(id.get(), rows)));
  }

  private static Map<Column, Object> facts(PathTable.Row row, Map<String, String> names) {
    Path path = row.path();
    PathMeasurement latest = row.latest().orElse(null);
    Object[] measured = PathTexts.cells(latest);
    Map<Column, Object> facts = new LinkedHashMap<>();
    facts.put(Column.of("path_id", Kind.ID), Long.toString(path.id()));
    facts.put(Column.of("status", Kind.STATUS), path.status().text());
    facts.put(Column.of("src_site_name", Kind.TEXT), PathTexts.siteName(names, path.srcSiteId()));
    facts.put(Column.of("src_site_id", Kind.ID), path.srcSiteId());
    facts.put(Column.of("src_endpoint", Kind.TEXT), path.srcEndpoint());
    facts.put(Column.of("dst_site_name", Kind.TEXT), PathTexts.siteName(names, path.dstSiteId()));
    facts.put(Column.of("dst_site_id", Kind.ID), path.dstSiteId());
    facts.put(Column.of("dst_endpoint", Kind.TEXT), path.dstEndpoint());
    facts.put(Column.of("wg_interface", Kind.TEXT), path.wgInterface().orElse(null));
    facts.put(Column.of("measured_at", Kind.TIME), latest == null ? null : latest.at());
    facts.put(PathTexts.LATENCY, measured[0]);
    facts.put(PathTexts.JITTER, measured[1]);
    facts.put(PathTexts.LOSS, measured[2]);
    facts.put(PathTexts.BANDWIDTH, measured[3]);
    facts.put(PathTexts.MTU, measured[4]);
    facts.put(PathTexts.SCORE, measured[5]);
    return facts;
  }

  private static Map<Column, Object> health(PathHealth health) {
    Map<Column, Object> facts = new LinkedHashMap<>();
    facts.put(AT, health.at());
    facts.put(Column.of("status", Kind.STATUS), health.status().text());
    facts.put(Column.of("health_score", Kind.NUMBER), health.score());
    facts.put(PathTexts.LATENCY, health.latencyMillis());
    facts.put(PathTexts.JITTER, health.jitterMillis());
    facts.put(PathTexts.LOSS, health.lossPercent());
    return facts;
  }

  private static void uses(List<FailoverUse> uses, Answer answer) {
    Table table =
        new Table(
            "failover_policies",
            uses.isEmpty() ? "" : "Failover policies that use it",
            Column.of("policy_id", "ID", Kind.ID),
            Column.of("name", "FAILOVER POLICY", Kind.TEXT),
            Column.of("role", Kind.TEXT),
            Column.of("enabled", "ON", Kind.FLAG));
    for (FailoverUse use : uses) {
      table.row(PolicyId.format(use.policyId()), use.name(), use.role(), use.enabled());
    }
    answer.table(table);
    if (uses.isEmpty()) {
      answer.note("Not used by any failover policy.");
    }
  }

  private static Table history(List<PathMeasurement> measured) {
    Table table =
        new Table(
            "history",
            "History, newest first",
            AT,
            PathTexts.LATENCY,
            PathTexts.JITTER,
            PathTexts.LOSS,
            PathTexts.BANDWIDTH,
            PathTexts.MTU,
            PathTexts.SCORE);
    for (PathMeasurement row : measured) {
      Object[] cells = PathTexts.cells(row);
      table.row(row.at(), cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]);
    }
    return table;
  }
}
