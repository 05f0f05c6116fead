package dev.patronus.error;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a process' end means to the script that called it.
///
/// The numbers are part of the interface and never change their meaning.
public enum ExitCode {
  DONE(0, "done"),
  FAILED(1, "failed"),
  USAGE(2, "wrong usage"),
  NOT_FOUND(3, "no such site, policy, path or record"),
  BUSY(4, "the database is busy; try again"),
  REFUSED(5, "refused, or not confirmed"),
  NO_DAEMON(6, "the daemon is not reachable, or not ready"),
  UNUSABLE_DATABASE(7, "no usable database"),
  LIMIT_EXCEEDED(10, "a limit was exceeded (--alert), or a check found only warnings"),
  /// What a shell reports of a process that SIGINT ended, too.
  INTERRUPTED(130, "interrupted (Ctrl-C)");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /// The one of this number, as it is typed; empty if no command ends with it.
  public static Optional<ExitCode> of(String number) {
    return Arrays.stream(values())
        .filter(each -> Integer.toString(each.code).equals(number))
        .findFirst();
  }

  public int code() {
    return code;
  }

  /// What it means, in the words of the manual.
  public String meaning() {
    return meaning;
  }

  /// Its name in JSON: `not_found`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
