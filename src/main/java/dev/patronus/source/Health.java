package dev.patronus.source;

/// What a source is doing.
///
/// Immutable.
public sealed interface Health {
  /// It was not started, or it was closed.
  record Idle() implements Health {}

  /// It waits for input, or takes it in.
  record Running() implements Health {}

  /// Its input is finished, and all of it was handed on: a file was read to its end.
  ///
  /// @param remark what a person should know about that end (the file is cut off); mostly empty
  record Ended(String remark) implements Health {
    public Ended() {
      this("");
    }
  }

  /// It has no input, and trying again would not help.
  record Unreadable(String reason) implements Health {}

  /// It stopped by itself, for a reason that a person can read.
  record Failed(String reason) implements Health {}
}
