package dev.patronus.cli;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.diagnosis.Diagnosis;
import dev.patronus.diagnosis.Finding;
import dev.patronus.diagnosis.Machine;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.export.Answer;
import dev.patronus.export.Column;
import dev.patronus.export.Column.Kind;
import dev.patronus.export.Table;
import dev.patronus.json.Json;
import java.util.List;
import java.util.Optional;

/// `patronus doctor`: is anything arriving, decoding, matching, being saved; and if not, why not.
final class DoctorCommand extends Subcommand {
  private static final Column[] COLUMNS = {
    Column.of("step", "STEP", Kind.ID),
    Column.of("state", "STATE", Kind.STATUS),
    Column.detail("fault", Kind.ID),
    Column.of("message", "FOUND", Kind.TEXT),
    Column.detail("next", Kind.TEXT),
  };

  DoctorCommand() {
    super(
        "Walks from the packet to the disk, names the first step that is broken, and says what to do"
            + " about it. Changes nothing. Ends with 0 if every step works, with 1 if one does not.");
    example("doctor", "why are there no numbers?");
    example("doctor --json", "the same for a program");
  }

  @Override
  protected Answer run(Call call) {
    Optional<Json.Obj> status = Optional.empty();
    Optional<String> refusal = Optional.empty();
    try {
      status =
          new DaemonLink(call)
              .ask(new Request.Status())
              .map(reply -> ((Reply.Document) reply).members());
    } catch (UserError e) {
      refusal = Optional.of(e.getMessage());
    }
    Machine machine = new MachineProbe(call).look(status);
    return answer(Diagnosis.of(machine, status, refusal, call.now()));
  }

  private static Answer answer(List<Finding> findings) {
    Optional<Finding> broken =
        findings.stream().filter(finding -> finding.state() == Finding.State.FAILED).findFirst();
    Table table = new Table("findings", "", COLUMNS);
    for (Finding finding : findings) {
      table.row(
          Words.of(finding.step()),
          Words.of(finding.state()),
          finding.fault(),
          finding.message(),
          finding.next());
    }
    Answer answer =
        new Answer()
            .member("success", broken.isEmpty())
            .member("first_broken", broken.map(each -> Words.of(each.step())).orElse(null))
            .member("fault", broken.map(Finding::fault).orElse(null))
            .table(table);
    for (Finding finding : findings) {
      if (finding.state() != Finding.State.OK) {
        answer.say("");
        answer.say(Words.of(finding.step()) + ": " + finding.message() + ".");
        answer.say("  Next: " + finding.next() + ".");
      }
    }
    long warnings =
        findings.stream().filter(finding -> finding.state() == Finding.State.WARNING).count();
    if (broken.isEmpty()) {
      answer.say("");
      answer.say(
          warnings == 0
              ? "Every step from packet to disk works."
              : "No step is broken; see the "
                  + (warnings == 1 ? "warning." : warnings + " warnings."));
    }
    return answer.exit(broken.isEmpty() ? ExitCode.DONE : ExitCode.FAILED);
  }
}
