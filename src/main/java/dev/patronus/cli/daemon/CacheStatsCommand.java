package dev.patronus.cli.daemon;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.control.Request;
import dev.patronus.control.answer.CacheAnswer;
import dev.patronus.control.answer.CacheAnswer.Cache;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.util.List;

/// `patronus cache stats`: how full the daemon's caches are, and how often they had the answer.
public final class CacheStatsCommand extends WatchedCommand {
  private static final List<Column<Cache>> COLUMNS =
      List.of(
          Column.of("cache", Kind.ID, Cache::name),
          Column.of("entries", Kind.COUNT, Cache::entries),
          Column.of("active", Kind.COUNT, Cache::active),
          Column.of("expired", Kind.COUNT, Cache::expired),
          Column.of("hits", Kind.COUNT, Cache::hits),
          Column.of("misses", Kind.COUNT, Cache::misses),
          Column.of("hit_rate_pct", "HIT RATE", Kind.PERCENT, cache -> cache.hitRate() * 100),
          Column.of("evictions", Kind.COUNT, Cache::evictions),
          Column.detail("entries_max", Kind.COUNT, Cache::entriesMax),
          Column.detail("ttl_seconds", Kind.SECONDS, Cache::ttlSeconds));

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
    CacheAnswer caches =
        new DaemonConnection(call)
            .require(
                new Request.CacheStats(),
                CacheAnswer::read,
                "the caches exist only in the daemon.");
    Answer answer = new Answer().member("as_of", caches.asOf());
    list.show(Table.of("caches", COLUMNS, caches.caches()), answer, call);
    return answer;
  }
}
