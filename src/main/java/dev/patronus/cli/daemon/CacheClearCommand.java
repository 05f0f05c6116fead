package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.control.Request;
import dev.patronus.control.answer.ClearedAnswer;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.util.Locale;
import java.util.Optional;

/// `patronus cache clear`: the daemon forgets what it remembers of paths.
public final class CacheClearCommand extends Command {
  static final String NOTHING = "there is nothing to clear: the caches exist only in the daemon.";

  private enum Cache {
    METRICS,
    ROUTING
  }

  private final Option<Cache> cache =
      argument(
          "CACHE",
          "0..1",
          text -> EnumNames.read(Cache.class, text),
          Completes.NOTHING,
          "metrics or routing (default: both)");

  public CacheClearCommand() {
    super(
        "Clears the daemon's caches, so that the next decision uses current data from"
            + " the database. Clearing metrics also clears routing, because routing"
            + " decisions depend on metrics. The action is recorded in the audit trail.");
    example("cache clear", "clear both caches");
    example("cache clear routing", "clear the routing decisions and keep the metrics");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    DaemonConnection daemon = new DaemonConnection(call);
    Optional<String> name = cache.find().map(chosen -> chosen.name().toLowerCase(Locale.ROOT));
    return ClearedCaches.answer(
        daemon.require(new Request.CacheClear(name, daemon.client()), ClearedAnswer::read, NOTHING),
        "cleared");
  }
}
