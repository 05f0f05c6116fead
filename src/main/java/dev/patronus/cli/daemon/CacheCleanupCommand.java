package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Request;
import dev.patronus.output.Answer;

/// `patronus cache cleanup`: the daemon drops what has expired and would not be served any more.
public final class CacheCleanupCommand extends Command {
  public CacheCleanupCommand() {
    super(
        "Drops the entries of the daemon's caches that have expired. They would not be served any"
            + " more and only take memory, which is bounded either way.");
    example("cache cleanup", "drop what has expired");
  }

  @Override
  public Answer run(Invocation call) {
    DaemonConnection daemon = new DaemonConnection(call);
    return ClearedCaches.answer(
        daemon.require(new Request.CacheCleanup(daemon.client()), CacheClearCommand.NOTHING),
        "dropped");
  }
}
