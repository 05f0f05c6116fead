package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;

/// `--fail-on`: whether a check that finds nothing worse than warnings succeeds, the same for all
/// checks.
///
/// Confined to the command's thread.
public final class FailOnOption {
  private enum Severity {
    WARNING,
    ERROR
  }

  private final Option<Severity> failOn;

  public FailOnOption(Command command) {
    failOn =
        command.choice(
            "--fail-on",
            "SEVERITY",
            Severity.class,
            "error: exit with 0 if there are only warnings (default: warning, exit with 10)");
  }

  /// How the check ends.
  public ExitCode exitCode(boolean errors, boolean warnings) {
    if (errors) {
      return ExitCode.FAILED;
    }
    return warnings && failOn.or(Severity.WARNING) == Severity.WARNING
        ? ExitCode.LIMIT_EXCEEDED
        : ExitCode.DONE;
  }
}
