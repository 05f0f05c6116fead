package dev.patronus.cli.fleet;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.error.UserError;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.fleet.address.HubLogin;
import java.util.Optional;

/// `--hub`: which hub a command works on.
public final class HubOption {
  /// So many seconds an answer may take.
  private static final int ANSWER_SECONDS = 600;

  private final Option<HubAddress> hub;

  public HubOption(Command command) {
    hub =
        command.option(
            "--hub",
            "ADDRESS",
            HubAddress::parse,
            Completes.NOTHING,
            "the hub, as postgresql://[USER@]HOST[:PORT]/DATABASE (or PATRONUS_FLEET; default: the"
                + " setting fleet); passwords are read from PGPASSFILE, else ~/.pgpass");
  }

  /// The address of the hub.
  ///
  /// @throws UserError of usage, if none is named
  HubAddress address(Invocation call) {
    return hub.given()
        ? hub.get()
        : call.settings().hub(Optional.empty()).orElseThrow(FleetReading::noHub);
  }

  /// Connects to the hub; the caller closes it.
  ///
  /// @throws UserError if that fails
  public Hub open(Invocation call) {
    return Hub.open(HubLogin.of(address(call), call.session().env()), ANSWER_SECONDS);
  }
}
