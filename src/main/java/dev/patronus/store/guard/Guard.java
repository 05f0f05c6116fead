package dev.patronus.store.guard;

import java.util.Objects;

/// A guard of a database, compared with those that are wanted.
///
/// Immutable.
///
/// @param name of its trigger
public record Guard(String name, State state) {

  /// How it compares.
  public enum State {
    /// It is there, as it should be.
    PRESENT,
    /// It is wanted, and missing or another than it should be.
    MISSING,
    /// It is there, and not wanted.
    SURPLUS
  }

  public Guard {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(state, "state");
  }
}
