package dev.patronus.source;

import static java.util.Objects.requireNonNull;

import java.io.IOException;

/// An input that is none, and will be none when it is tried again: a file that is no capture, a
/// standard input that nobody writes into.
///
/// A source whose work throws this is [Health.Unreadable], not [Health.Failed]. The message is a
/// sentence for people.
public final class UnreadableInput extends IOException {
  private static final long serialVersionUID = 1;

  public UnreadableInput(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return requireNonNull(super.getMessage());
  }
}
