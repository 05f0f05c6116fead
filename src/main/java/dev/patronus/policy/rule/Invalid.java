package dev.patronus.policy.rule;

import dev.patronus.flow.FlowKey;

/// Rules or a preference whose text cannot be read.
///
/// @param message what is wrong, each thing with the field that it is in
public record Invalid(String message) implements Rules, Preference {
  public Invalid {
    if (message.isBlank()) {
      throw new IllegalArgumentException("a complaint must say something");
    }
  }

  @Override
  public boolean matches(FlowKey flow) {
    return false;
  }
}
