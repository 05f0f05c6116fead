package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Request;
import dev.patronus.control.answer.ClearedAnswer;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.util.Optional;

/// `patronus cache cleanup`: the daemon drops what has expired and would not be served any more.
public final class CacheCleanupCommand extends Command {
  public CacheCleanupCommand() {
    super(
        "Removes expired entries from the daemon's caches. Expired entries are never"
            + " used; they only occupy memory, which is bounded in any case.");
    example("cache cleanup", "remove expired entries");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    DaemonConnection daemon = new DaemonConnection(call);
    return ClearedCaches.answer(
        daemon.require(
            new Request.CacheCleanup(daemon.client()),
            ClearedAnswer::read,
            CacheClearCommand.NOTHING),
        "dropped");
  }
}
