package dev.patronus.cli;

import dev.patronus.control.Request;
import dev.patronus.export.Answer;
import java.util.Locale;
import java.util.Optional;

/// `patronus cache clear`: the daemon forgets what it remembers of paths.
final class CacheClearCommand extends Subcommand {
  static final String NOTHING = "there is nothing to clear, because no daemon holds a cache.";

  private enum Cache {
    METRICS,
    ROUTING
  }

  private final Opt<Cache> cache =
      argument(
          "CACHE",
          "0..1",
          text -> Words.read(Cache.class, text),
          Completes.NOTHING,
          "metrics or routing (default: both)");

  CacheClearCommand() {
    super(
        "Empties the daemon's caches, so that the next answer is made of what the database says."
            + " Decisions are made of metrics: with the metrics, routing is emptied too. The audit"
            + " trail keeps who did it.");
    example("cache clear", "forget everything");
    example("cache clear routing", "decide anew, with the metrics that are held");
  }

  @Override
  protected Answer run(Call call) {
    DaemonLink daemon = new DaemonLink(call);
    Optional<String> name =
        Optional.ofNullable(cache.get()).map(chosen -> chosen.name().toLowerCase(Locale.ROOT));
    return ClearedCaches.answer(
        daemon.require(new Request.CacheClear(name, daemon.client()), NOTHING), "cleared");
  }
}
