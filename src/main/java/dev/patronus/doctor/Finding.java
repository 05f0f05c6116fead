package dev.patronus.doctor;

import java.util.Objects;

/// What one step of the walk came to.
///
/// Immutable.
///
/// @param fault names what is wrong, for machines: `nothing_arriving`; `none` where all is well
/// @param message what was found, in a sentence
/// @param next what to do about it; empty where nothing is to be done
public record Finding(Step step, State state, String fault, String message, String next) {

  /// The steps, in the order in which traffic takes them.
  public enum Step {
    DATABASE,
    POLICIES,
    DAEMON,
    ARRIVING,
    DECODING,
    MATCHING,
    SAVING,
    /// Only where a hub is configured.
    HUB
  }

  /// How a step is.
  public enum State {
    OK,
    /// It works, with a loss or a doubt.
    WARNING,
    /// It does not work.
    FAILED
  }

  public Finding {
    Objects.requireNonNull(step, "step");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(fault, "fault");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(next, "next");
  }

  static Finding ok(Step step, String message) {
    return new Finding(step, State.OK, "none", message, "");
  }

  /// Worth knowing about a step that works.
  public static Finding note(Step step, String fault, String message, String next) {
    return new Finding(step, State.OK, fault, message, next);
  }

  /// A step that works, with a loss or a doubt.
  public static Finding warning(Step step, String fault, String message, String next) {
    return new Finding(step, State.WARNING, fault, message, next);
  }

  /// A step that does not work.
  public static Finding failed(Step step, String fault, String message, String next) {
    return new Finding(step, State.FAILED, fault, message, next);
  }
}
