package dev.patronus.cli.alert;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.role.Role;
import dev.patronus.store.table.AlertTable;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// `patronus alert silence`: keeps an alert from being announced for a time.
public final class AlertSilenceCommand extends Command {
  private final Option<String> name =
      argument("ALERT", "1", text -> text, Completes.ALERT, "the alert, by name");
  private final Option<Duration> time =
      option("--for", "TIME", DurationText::parse, Completes.DURATION, "how long, as in 2h");
  private final Option<Boolean> end = flag("--end", "end the silence");

  public AlertSilenceCommand() {
    super(
        "Keeps an alert from being announced for a time. It is still evaluated and listed; if it"
            + " fires when the silence is over, it is announced then. The recovery of an alert"
            + " that was announced before is announced during the silence, too. A later silence"
            + " replaces an earlier one. The action is recorded in the audit trail.");
    example("alert silence busy --for 2h", "no notices of busy for two hours");
    example("alert silence busy --end", "announce it again");
  }

  @Override
  protected void check() {
    if (time.given() == end.get()) {
      throw new UserError(ExitCode.USAGE, "give either --for TIME or --end");
    }
    if (time.given() && time.get().toSeconds() == 0) {
      throw new UserError(ExitCode.USAGE, "--for must be at least 1s; --end ends a silence");
    }
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(Role.OPERATOR);
  }

  @Override
  public Answer run(Invocation call) {
    String alert = AlertRows.find(name.get(), call).rule().name();
    Instant now = call.now().truncatedTo(ChronoUnit.SECONDS);
    Instant until = end.get() ? now : now.plus(time.get()).truncatedTo(ChronoUnit.SECONDS);
    new AlertTable(call.writableDatabase()).silence(alert, until, call.actor(), now);
    Answer answer = new Answer().report();
    if (end.get()) {
      return answer
          .outcome(true, "alert " + alert + " is not silenced any more")
          .member("alert", alert)
          .member("silenced_until", null);
    }
    return answer
        .outcome(
            true,
            "alert "
                + alert
                + " is silenced until "
                + new HumanFormat(call.zone(), false).time(until))
        .member("alert", alert)
        .member("silenced_until", until);
  }
}
