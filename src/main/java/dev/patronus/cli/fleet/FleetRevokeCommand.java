package dev.patronus.cli.fleet;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.Counted;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubGateways;
import dev.patronus.output.Answer;

/// `patronus fleet revoke`: lets a gateway send no more.
public final class FleetRevokeCommand extends Command {
  private final Option<String> name =
      argument("GATEWAY", "1", text -> text, Completes.GATEWAY, "the name of the gateway");
  private final HubOption hub = new HubOption(this);
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be done without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public FleetRevokeCommand() {
    super(
        "Takes the login of a gateway away, and ends its connections. What it has sent stays on the"
            + " hub until 'fleet prune --gateway' removes it; what it counts from now on stays on the"
            + " gateway, and is sent if it is enrolled again.");
    example("fleet revoke berlin --yes", "let the gateway berlin send no more");
  }

  @Override
  public Answer run(Invocation call) {
    int ended;
    try (Hub open = hub.open(call)) {
      ended = HubGateways.connections(open, name.get());
      if (!dryRun.get()) {
        call.confirm(
            this,
            yes.get(),
            "Take the login of gateway " + name.get() + " on " + open.login().name() + "?");
        ended = HubGateways.revoke(open, name.get());
      }
    }
    String connections = Counted.of(ended, "connection", "connections");
    return new Answer()
        .report()
        .outcome(
            true,
            dryRun.get()
                ? "would let gateway %s send no more, and end %s".formatted(name.get(), connections)
                : "gateway %s may send no more; ended %s".formatted(name.get(), connections))
        .member("dry_run", dryRun.get())
        .member("gateway", name.get())
        .member("connections_ended", ended);
  }
}
