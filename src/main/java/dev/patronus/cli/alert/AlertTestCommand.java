package dev.patronus.cli.alert;

import dev.patronus.alert.AlertState;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.notify.Action;
import dev.patronus.notify.Notice;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.role.Role;
import dev.patronus.store.table.AlertTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `patronus alert test`: sends a test notice by all actions.
public final class AlertTestCommand extends Command {
  private final Option<String> name =
      argument("ALERT", "1", text -> text, Completes.ALERT, "the alert, by name");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show all that the actions would be given, without running them");

  public AlertTestCommand() {
    super(
        "Sends one notice as if the alert had just fired, marked as a test, by each configured"
            + " action, once and without further attempts. The actions run as the user of this"
            + " command, not as the daemon's; 'sudo -u patronus patronus alert test NAME' runs"
            + " them as the daemon does, except for the limits of its unit. The state of the alert"
            + " does not change. Exit code 1 if an action failed.");
    example("alert test busy", "run all actions for the alert busy");
    example("alert test busy --dry-run", "what they would be given");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(dryRun.get() ? Role.VIEWER : Role.OPERATOR);
  }

  @Override
  public Answer run(Invocation call) {
    AlertRows.Row row = AlertRows.find(name.get(), call);
    List<Action> actions = Action.of(AlertRows.settings(call));
    if (actions.isEmpty() && !dryRun.get()) {
      throw new UserError(
          ExitCode.REFUSED,
          "no action is configured; set alert-command, alert-webhook or alert-mail");
    }
    AlertState state =
        row.state().map(AlertTable.Row::state).orElseGet(() -> AlertState.first(call.now()));
    Notice notice =
        Notice.test(row.rule(), state, call.now(), call.databaseFile().toAbsolutePath().toString());
    Answer answer =
        new Answer().member("dry_run", dryRun.get()).member("message", notice.sentence());
    answer.note("Notice: " + notice.sentence());
    List<Delivery> deliveries = new ArrayList<>();
    for (Action action : actions) {
      deliveries.add(new Delivery(action, dryRun.get() ? Optional.empty() : error(action, notice)));
    }
    List<Column<Delivery>> columns = new ArrayList<>();
    columns.addAll(
        List.of(
            Column.of("action", Kind.ID, each -> each.action().name()),
            Column.of("target", Kind.TEXT, each -> each.action().target()),
            Column.of("delivered", Kind.FLAG, each -> !dryRun.get() && each.error().isEmpty()),
            Column.of("error", Kind.TEXT, Delivery::error)));
    if (dryRun.get()) {
      columns.add(Column.detail("content", Kind.TEXT, each -> each.action().content(notice)));
    }
    boolean failed = deliveries.stream().anyMatch(each -> each.error().isPresent());
    answer.table(Table.of("actions", columns, deliveries));
    if (dryRun.get()) {
      preview(actions, notice, answer);
    }
    return answer.exit(failed ? ExitCode.FAILED : ExitCode.DONE);
  }

  /// Says what the actions would be given.
  private static void preview(List<Action> actions, Notice notice, Answer answer) {
    if (actions.isEmpty()) {
      answer.say(
          "No action is configured, so that it would be sent to nobody; set alert-command,"
              + " alert-webhook or alert-mail.");
    }
    for (int i = 0; i < actions.size(); i++) {
      if (i > 0) {
        answer.say(""); // a table is followed by a blank line of its own
      }
      preview(actions.get(i), notice, answer);
    }
  }

  private static void preview(Action action, Notice notice, Answer answer) {
    answer.say(HumanFormat.visible(action.target()) + " would get:");
    action
        .content(notice)
        .lines()
        .forEach(line -> answer.say(("  " + HumanFormat.visible(line)).stripTrailing()));
  }

  /// An action, and why it failed; empty if it did not, or was not tried.
  private record Delivery(Action action, Optional<String> error) {}

  /// Why a notice was not delivered; empty if it was.
  private static Optional<String> error(Action action, Notice notice) {
    try {
      action.deliver(notice);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(ErrorText.of(e));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.INTERRUPTED, "interrupted");
    }
  }
}
