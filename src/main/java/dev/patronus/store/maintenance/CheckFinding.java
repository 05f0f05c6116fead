package dev.patronus.store.maintenance;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One thing that a check found out.
///
/// Immutable.
///
/// @param check the name of the check: `integrity`
/// @param message what was found, in words
/// @param nextStep what to do about it; null where there is nothing to do
public record CheckFinding(
    Severity severity, String check, String message, @Nullable String nextStep) {

  /// How bad it is; the last two are problems.
  public enum Severity {
    OK,
    /// Worth knowing; nothing is wrong.
    INFO,
    WARNING,
    ERROR;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public CheckFinding {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(check, "check");
    Objects.requireNonNull(message, "message");
  }

  static CheckFinding ok(String check, String message) {
    return new CheckFinding(Severity.OK, check, message, null);
  }
}
