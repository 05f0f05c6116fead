package dev.patronus.cli.path;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `patronus path show`: one path, its newest measurements, and what counts on it.
public final class PathShowCommand extends Command {
  private static final int DEFAULT_ROWS = 10;

  private static final List<Column<PathHealth>> HEALTH =
      List.of(
          Column.of("timestamp", "TIME", Kind.TIME, PathHealth::at),
          Column.of("status", Kind.STATUS, health -> health.status().text()),
          Column.of("health_score", Kind.NUMBER, PathHealth::score),
          Column.of("latency_ms", Kind.MILLIS, PathHealth::latencyMillis),
          Column.of("jitter_ms", Kind.MILLIS, PathHealth::jitterMillis),
          Column.of("packet_loss_pct", Kind.PERCENT, PathHealth::lossPercent));

  private static final List<Column<FailoverUse>> USES =
      List.of(
          Column.of("name", "FAILOVER POLICY", Kind.TEXT, FailoverUse::name),
          Column.of("role", Kind.TEXT, FailoverUse::role),
          Column.of("enabled", "ON", Kind.FLAG, FailoverUse::enabled),
          Column.of("policy_id", "ID", Kind.ID, use -> PolicyId.format(use.policyId())));

  private static final List<Column<PathMeasurement>> HISTORY =
      List.of(
          Column.of("timestamp", "TIME", Kind.TIME, PathMeasurement::at),
          PathTexts.LATENCY,
          PathTexts.JITTER,
          PathTexts.LOSS,
          PathTexts.BANDWIDTH,
          PathTexts.MTU,
          PathTexts.SCORE,
          Column.detail("time", Kind.TIME, PathMeasurement::at));

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
    LivePaths live = LivePaths.ask(call);
    List<Column<PathTable.Row>> facts = facts(paths.siteNames());
    if (live.reply().isPresent() || call.format() != Format.TABLE) {
      facts.addAll(live.traffic());
    }
    Answer answer = new Answer().facts("path", "", facts, row);
    live.sayInto(answer, call);
    new PathHealthTable(database)
        .recent(id.get(), 1)
        .forEach(health -> answer.facts("health", "Health", HEALTH, health));
    uses(new FailoverTable(database).using(id.get()), answer);
    return answer.table(
        Table.of("history", HISTORY, paths.recent(id.get(), rows)).titled("History, newest first"));
  }

  private static List<Column<PathTable.Row>> facts(Map<String, String> names) {
    List<Column<PathTable.Row>> facts = new ArrayList<>();
    facts.addAll(
        Column.of(
            List.of(
                PathTexts.ID,
                Column.of("status", Kind.STATUS, path -> path.status().text()),
                Column.of(
                    "src_site_name",
                    Kind.TEXT,
                    path -> PathTexts.siteName(names, path.srcSiteId())),
                Column.of("src_site_id", Kind.ID, Path::srcSiteId),
                Column.of("src_endpoint", Kind.TEXT, Path::srcEndpoint),
                Column.of(
                    "dst_site_name",
                    Kind.TEXT,
                    path -> PathTexts.siteName(names, path.dstSiteId())),
                Column.of("dst_site_id", Kind.ID, Path::dstSiteId),
                Column.of("dst_endpoint", Kind.TEXT, Path::dstEndpoint),
                Column.of("wg_interface", Kind.TEXT, Path::wgInterface)),
            PathTable.Row::path));
    facts.addAll(
        Column.of(
            List.of(
                Column.of("measured_at", Kind.TIME, PathMeasurement::at),
                PathTexts.LATENCY,
                PathTexts.JITTER,
                PathTexts.LOSS,
                PathTexts.BANDWIDTH,
                PathTexts.MTU,
                PathTexts.SCORE),
            LivePaths::latest));
    return facts;
  }

  private static void uses(List<FailoverUse> uses, Answer answer) {
    answer.table(
        Table.of("failover_policies", USES, uses)
            .titled(uses.isEmpty() ? "" : "Failover policies that use it"));
    if (uses.isEmpty()) {
      answer.note("Not used by any failover policy.");
    }
  }
}
