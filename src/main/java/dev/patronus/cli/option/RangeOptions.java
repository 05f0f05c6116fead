package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.time.TimeRange;
import dev.patronus.time.TimeText;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/// `--since`, `--until` and `--range`: a half-open range of time, the same for all commands.
///
/// Confined to the command's thread.
public final class RangeOptions {
  private final Option<String> since;
  private final Option<String> until;
  private final Option<String> range;

  public RangeOptions(Command command) {
    since =
        command.option(
            "--since",
            "TIME",
            text -> text,
            Completes.TIME,
            "from this time: 15m, 24h, 7d, today, yesterday, 2026-11, 2026-11-01,"
                + " 2026-11-01T10:00+01:00 or epoch seconds");
    until =
        command.option(
            "--until", "TIME", text -> text, Completes.TIME, "before this time (exclusive)");
    range =
        command.option(
            "--range",
            "RANGE",
            text -> text,
            Completes.RANGE,
            "both ends in one value: yesterday, last-week, last-month, 2026-11, 2026-11-01..2026-11-08");
  }

  public boolean given() {
    return since.given() || until.given() || range.given();
  }

  public boolean onlySinceGiven() {
    return since.given() && !until.given() && !range.given() && !since.get().contains("..");
  }

  /// What was meant. What is said to be so long ago counts from the whole second.
  ///
  /// @throws UserError if it cannot be understood
  public TimeRange read(Invocation call) {
    TimeText times = new TimeText(call.now().truncatedTo(ChronoUnit.SECONDS), call.zone());
    if (!range.given()) {
      return times.range(since.find(), until.find());
    }
    if (since.given() || until.given()) {
      throw new UserError(ExitCode.USAGE, "--range sets both ends; remove --since and --until");
    }
    return times.range(range.get());
  }

  /// Tells a person what was understood.
  public void echo(TimeRange understood, Invocation call, ZoneId zone) {
    if (given() && call.terminal().err()) {
      call.say("Range: " + understood.describe(zone));
    }
  }

  /// What was understood, as members of a document.
  public static Map<String, Object> members(TimeRange understood) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("since", understood.since().orElse(null));
    members.put("until", understood.until().orElse(null));
    return members;
  }
}
