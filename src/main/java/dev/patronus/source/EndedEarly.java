package dev.patronus.source;

import static java.util.Objects.requireNonNull;

import java.io.IOException;

/// An input that stops in a place where it should not: a capture that is cut off in the middle of a
/// packet.
///
/// All before that place was handed on, so reading it again would count it twice: a source whose
/// work throws this is [Health.Ended], not [Health.Failed]. The message is a sentence for people.
public final class EndedEarly extends IOException {
  private static final long serialVersionUID = 1;

  public EndedEarly(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return requireNonNull(super.getMessage());
  }
}
