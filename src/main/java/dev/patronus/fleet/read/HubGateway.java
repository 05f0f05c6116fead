package dev.patronus.fleet.read;

import java.util.Objects;

/// A gateway that is read.
///
/// @param id its number on the hub
public record HubGateway(int id, String name) {
  public HubGateway {
    Objects.requireNonNull(name, "name");
  }
}
