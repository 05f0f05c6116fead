package dev.patronus.cli.complete;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.complete.Completer.Candidate;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubGateways;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.fleet.address.HubLogin;
import dev.patronus.output.text.HumanFormat;
import java.util.List;
import java.util.Optional;

/// The names of the gateways of a hub, for completion. Loads the driver of PostgreSQL.
final class GatewayCandidates {
  private GatewayCandidates() {}

  /// The gateways whose names begin with a text; none where no hub is named.
  ///
  /// @param named the address on the line; empty for that of the settings
  /// @throws dev.patronus.error.UserError if the hub does not answer within a second
  static List<Candidate> of(Invocation call, Optional<String> named, String typed) {
    Optional<HubAddress> address = call.settings().hub(named);
    if (address.isEmpty()) {
      return List.of();
    }
    try (Hub hub = Hub.openBriefly(HubLogin.of(address.get(), call.session().env()))) {
      return HubGateways.beginning(hub, typed).stream()
          .filter(name -> !name.startsWith("-") && name.equals(HumanFormat.visible(name)))
          .map(name -> new Candidate(name, ""))
          .toList();
    }
  }
}
