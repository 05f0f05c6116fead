package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FailOnOption;
import dev.patronus.control.Request;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.doctor.Diagnosis;
import dev.patronus.doctor.Finding;
import dev.patronus.doctor.MachineFacts;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.OutputTarget;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `patronus doctor`: is anything arriving, decoding, matching, being saved; and if not, why not.
public final class DoctorCommand extends Command {
  private static final List<Column<Finding>> COLUMNS =
      List.of(
          Column.of("step", "STEP", Kind.ID, finding -> EnumNames.of(finding.step())),
          Column.of("state", "STATE", Kind.STATUS, finding -> EnumNames.of(finding.state())),
          Column.detail("fault", Kind.ID, Finding::fault),
          Column.of("message", "FOUND", Kind.TEXT, Finding::message),
          Column.detail("next", Kind.TEXT, Finding::next),
          Column.detail("severity", Kind.ID, DoctorCommand::severity),
          Column.detail(
              "next_step",
              Kind.TEXT,
              finding ->
                  finding.next().isEmpty() ? Optional.empty() : Optional.of(finding.next())));

  private final FailOnOption failOn = new FailOnOption(this);
  private final Option<Path> bundle =
      option(
          "--bundle",
          "FILE",
          text -> Path.of(text),
          Completes.FILE,
          "write an archive (FILE.tar.gz) for those who help: the checks, status,"
              + " configuration, log, schema, metrics and threads, without secrets");
  private final Option<Boolean> withNames =
      flag("--with-names", "leave addresses and names in the bundle as they are");
  private final Option<Boolean> force = flag("--force", "replace FILE if it exists");

  public DoctorCommand() {
    super(
        "Checks each step from packet to disk, reports the first one that fails, and"
            + " suggests a fix. Changes nothing. Exits with 0 if every step works, with 1 if"
            + " one fails, with 10 if there are only warnings.",
        "With --bundle it writes what it found into an archive that only its owner can read,"
            + " says what is in it, and exits with 0. Addresses and the names of sites, policies,"
            + " exporters, people and this machine are replaced by pseudonyms, the same in all"
            + " files of the bundle.");
    example("doctor", "find out why no traffic is counted");
    example("doctor --json", "as JSON");
    example("doctor --bundle patronus.tar.gz", "collect what others need to help");
  }

  @Override
  protected void check() {
    if (!bundle.given() && (withNames.get() || force.get())) {
      throw new UserError(ExitCode.USAGE, "--with-names and --force require --bundle");
    }
  }

  @Override
  public Answer run(Invocation call) {
    if (!bundle.given()) {
      return diagnosis(call);
    }
    Path target =
        new OutputTarget("--bundle").apartFromDatabase(call.databaseFile()).resolve(bundle.get());
    if (!force.get()) {
      OutputTarget.requireFree(target, "add --force to replace it");
    }
    return new SupportBundle(call, withNames.get()).write(diagnosis(call), target);
  }

  private Answer diagnosis(Invocation call) {
    Optional<StatusAnswer> status = Optional.empty();
    Optional<String> refusal = Optional.empty();
    try {
      status = new DaemonConnection(call).ask(new Request.Status(), StatusAnswer::read);
    } catch (UserError e) {
      refusal = Optional.of(e.getMessage());
    }
    MachineFacts machine = new MachineProbe(call).look(status);
    return answer(
        Diagnosis.of(machine, status, refusal, call.now()),
        call.quiet() && call.format() == Format.TABLE);
  }

  /// The word that `db check` has for it.
  private static String severity(Finding finding) {
    return switch (finding.state()) {
      case OK -> "ok";
      case WARNING -> "warning";
      case FAILED -> "error";
    };
  }

  /// Whether two findings stand together, with one next step.
  private static boolean alike(Finding a, Finding b) {
    return a.step() == b.step() && a.fault().equals(b.fault()) && a.next().equals(b.next());
  }

  private static void say(Finding finding, boolean apart, boolean last, Answer answer) {
    if (apart) {
      answer.say("");
    }
    answer.say(EnumNames.of(finding.step()) + ": " + finding.message() + ".");
    if (last) {
      answer.say("  Next: " + finding.next() + ".");
    }
  }

  /// @param onlyTroubles whether steps that work are left out of the table
  private Answer answer(List<Finding> findings, boolean onlyTroubles) {
    List<Finding> troubles =
        findings.stream().filter(each -> each.state() != Finding.State.OK).toList();
    Optional<Finding> broken =
        findings.stream().filter(finding -> finding.state() == Finding.State.FAILED).findFirst();
    Answer answer =
        new Answer()
            .member("success", broken.isEmpty())
            .member("first_broken", broken.map(each -> EnumNames.of(each.step())).orElse(null))
            .member("fault", broken.map(Finding::fault).orElse(null))
            .table(Table.of("findings", COLUMNS, onlyTroubles ? troubles : findings));
    for (int i = 0; i < troubles.size(); i++) {
      boolean first = i == 0 || !alike(troubles.get(i - 1), troubles.get(i));
      boolean last = i == troubles.size() - 1 || !alike(troubles.get(i), troubles.get(i + 1));
      say(troubles.get(i), first && i > 0, last, answer);
    }
    long warnings =
        findings.stream().filter(finding -> finding.state() == Finding.State.WARNING).count();
    if (broken.isEmpty()) {
      if (!troubles.isEmpty()) {
        answer.say("");
      }
      answer.say(
          warnings == 0
              ? "Every step from packet to disk works."
              : "No step fails; see the " + (warnings == 1 ? "warning." : warnings + " warnings."));
    }
    return answer.report().exit(failOn.exitCode(broken.isPresent(), warnings > 0));
  }
}
