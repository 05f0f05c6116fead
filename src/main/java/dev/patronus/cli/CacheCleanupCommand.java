package dev.patronus.cli;

import dev.patronus.control.Request;
import dev.patronus.export.Answer;

/// `patronus cache cleanup`: the daemon drops what has expired and would not be served any more.
final class CacheCleanupCommand extends Subcommand {
  CacheCleanupCommand() {
    super(
        "Drops the entries of the daemon's caches that have expired. They would not be served any"
            + " more and only take memory, which is bounded either way.");
    example("cache cleanup", "drop what has expired");
  }

  @Override
  protected Answer run(Call call) {
    DaemonLink daemon = new DaemonLink(call);
    return ClearedCaches.answer(
        daemon.require(new Request.CacheCleanup(daemon.client()), CacheClearCommand.NOTHING),
        "dropped");
  }
}
