package dev.patronus.cli.daemon;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.util.List;

/// `patronus cache stats`: how full the daemon's caches are, and how often they had the answer.
public final class CacheStatsCommand extends WatchedCommand {
  private static final List<Column<Json.Obj>> COLUMNS =
      List.of(
          Column.of("cache", Kind.ID, cache -> cache.text("cache")),
          count("entries"),
          count("active"),
          count("expired"),
          count("hits"),
          count("misses"),
          Column.of(
              "hit_rate_pct",
              "HIT RATE",
              Kind.PERCENT,
              cache -> cache.number("hit_rate").toDouble() * 100),
          count("evictions"),
          count("entries_max").detailIf(true),
          Column.detail("ttl_seconds", Kind.SECONDS, cache -> cache.integer("ttl_seconds")));

  private static Column<Json.Obj> count(String name) {
    return Column.of(name, Kind.COUNT, cache -> cache.integer(name));
  }

  private final ListOptions list = new ListOptions(this);

  public CacheStatsCommand() {
    super(
        "Shows the daemon's two caches: metrics holds the newest measurement of each"
            + " path for one minute, routing holds the path of each flow for 30 seconds.");
    example("cache stats", "hit rates and sizes of the caches");
    example("cache stats --json", "as JSON");
  }

  @Override
  protected Answer answer(Invocation call) {
    Reply.Document reply =
        (Reply.Document)
            new DaemonConnection(call)
                .require(new Request.CacheStats(), "the caches exist only in the daemon.");
    List<Json.Obj> caches =
        reply.members().list("caches").stream().map(Json.Obj.class::cast).toList();
    Answer answer = new Answer().member("as_of", reply.members().text("as_of"));
    list.show(Table.of("caches", COLUMNS, caches), answer, call);
    return answer;
  }
}
