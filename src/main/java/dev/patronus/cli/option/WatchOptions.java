package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.time.DurationText;
import java.time.Duration;

/// `--watch` and `--count`: a command that answers again and again.
///
/// Confined to the command's thread.
public final class WatchOptions {
  private static final Duration INTERVAL_LEAST = Duration.ofMillis(100);

  private final Option<Duration> watch;
  private final Option<Long> count;

  /// @param end how it ends: `with a summary`; may be empty
  public WatchOptions(Command command, String end) {
    watch =
        command.optionWithDefault(
            "-w --watch",
            "INTERVAL",
            "2s",
            WatchOptions::interval,
            "refresh continuously (default: every 2s); q or Ctrl-C ends" + end);
    count =
        command.option(
            "--count",
            "N",
            text -> EnumNames.wholeNumber(text, 1),
            Completes.NOTHING,
            "end --watch after N updates");
  }

  /// A shorter one would keep the daemon busy with nothing but answers.
  private static Duration interval(String text) {
    Duration interval = DurationText.parse(text);
    if (interval.compareTo(INTERVAL_LEAST) < 0) {
      throw new IllegalArgumentException(
          "must be at least " + DurationText.format(INTERVAL_LEAST) + ", was '" + text + "'");
    }
    return interval;
  }

  /// Refuses options that contradict each other.
  ///
  /// @throws UserError of usage, if there is a number of updates and nothing to update
  public void check() {
    if (count.given() && !watch.given()) {
      throw new UserError(ExitCode.USAGE, "--count requires --watch");
    }
  }

  public boolean given() {
    return watch.given();
  }

  public Duration interval() {
    return watch.get();
  }

  public long readingsMax() {
    return count.or(Long.MAX_VALUE);
  }
}
