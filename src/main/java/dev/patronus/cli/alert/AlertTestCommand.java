package dev.patronus.cli.alert;

import dev.patronus.alert.AlertState;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.notify.Action;
import dev.patronus.notify.Notice;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.store.table.AlertTable;
import java.io.IOException;
import java.util.List;

/// `patronus alert test`: sends a test notice by all actions.
public final class AlertTestCommand extends Command {
  private final Option<String> name =
      argument("ALERT", "1", text -> text, Completes.ALERT, "the alert, by name");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show the notice and the actions without running them");

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
  public Answer run(Invocation call) {
    AlertRows.Row row = AlertRows.find(name.get(), call);
    List<Action> actions = Action.of(AlertRows.settings(call));
    if (actions.isEmpty()) {
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
    Table table =
        new Table(
            "actions",
            "",
            Column.of("action", Kind.ID),
            Column.of("target", Kind.TEXT),
            Column.of("delivered", Kind.FLAG),
            Column.of("error", Kind.TEXT));
    boolean failed = false;
    for (Action action : actions) {
      String error = dryRun.get() ? null : error(action, notice);
      failed |= error != null;
      table.row(action.name(), action.target(), !dryRun.get() && error == null, error);
    }
    return answer.table(table).exit(failed ? ExitCode.FAILED : ExitCode.DONE);
  }

  /// Why a notice was not delivered; null if it was.
  private static String error(Action action, Notice notice) {
    try {
      action.deliver(notice);
      return null;
    } catch (IOException e) {
      return e.getMessage();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.INTERRUPTED, "interrupted");
    }
  }
}
