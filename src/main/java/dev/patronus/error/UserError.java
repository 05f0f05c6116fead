package dev.patronus.error;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// An end that the user can do something about: one line, and an exit code of its own.
///
/// The message says what was asked, what was found, and what to do next. Its stack trace is for
/// `-v` alone.
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ExitCode exitCode;

  public UserError(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  /// @param cause what the system said; null if nothing did
  public UserError(ExitCode exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = requireNonNull(exitCode, "exitCode");
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
