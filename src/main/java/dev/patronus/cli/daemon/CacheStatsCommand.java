package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;

/// `patronus cache stats`: how full the daemon's caches are, and how often they had the answer.
public final class CacheStatsCommand extends Command {
  private static final Column[] COLUMNS = {
    Column.of("cache", Kind.ID),
    Column.of("entries", Kind.COUNT),
    Column.of("active", Kind.COUNT),
    Column.of("expired", Kind.COUNT),
    Column.of("hits", Kind.COUNT),
    Column.of("misses", Kind.COUNT),
    Column.of("hit_rate_pct", "HIT RATE", Kind.PERCENT),
    Column.of("evictions", Kind.COUNT),
    Column.detail("entries_max", Kind.COUNT),
    Column.detail("ttl_seconds", Kind.SECONDS),
  };

  public CacheStatsCommand() {
    super(
        "Shows the daemon's two caches: metrics holds the newest measurement of each"
            + " path for one minute, routing holds the path of each flow for 30 seconds.");
    example("cache stats", "hit rates and sizes of the caches");
    example("cache stats --json", "as JSON");
  }

  @Override
  public Answer run(Invocation call) {
    Reply.Document reply =
        (Reply.Document)
            new DaemonConnection(call)
                .require(new Request.CacheStats(), "the caches exist only in the daemon.");
    Table table = new Table("caches", "", COLUMNS);
    reply.members().list("caches").forEach(cache -> table.row(cells((Json.Obj) cache)));
    return new Answer().member("as_of", reply.members().text("as_of")).table(table);
  }

  private static Object[] cells(Json.Obj cache) {
    return new Object[] {
      cache.text("cache"),
      cache.integer("entries"),
      cache.integer("active"),
      cache.integer("expired"),
      cache.integer("hits"),
      cache.integer("misses"),
      cache.number("hit_rate").toDouble() * 100,
      cache.integer("evictions"),
      cache.integer("entries_max"),
      cache.integer("ttl_seconds"),
    };
  }
}
