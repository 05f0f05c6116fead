package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FailOnOption;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.GatewayRow;
import dev.patronus.cli.option.UnknownKey;
import dev.patronus.config.DaemonSettings;
import dev.patronus.config.Settings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Paragraph;
import dev.patronus.output.text.Screen;
import dev.patronus.output.text.Style;
import dev.patronus.store.Database;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.maintenance.CheckFinding;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import dev.patronus.store.maintenance.DatabaseCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// `patronus db check`: is the database whole, consistent, fresh, and set up well?
public final class DbCheckCommand extends Command {
  private static final int INDENT = 23;
  private static final int WIDEST = 100;

  private static final List<Column<CheckFinding>> COLUMNS =
      List.of(
          Column.of("severity", Kind.STATUS, found -> found.severity().word()),
          Column.of("check", Kind.TEXT, CheckFinding::check),
          Column.of("message", Kind.TEXT, CheckFinding::message),
          Column.of("next_step", Kind.TEXT, CheckFinding::nextStep));

  private final Option<Boolean> quick =
      flag("--quick", "skip the comparison of indexes with tables, the slowest check");

  private final FailOnOption failOn = new FailOnOption(this);
  private final FleetOptions fleet = new FleetOptions(this);

  public DbCheckCommand() {
    super(
        "Checks the database without changing it: damage, foreign keys, rows with"
            + " missing references, invalid rules, missing tables, indexes and guards, the age of"
            + " the last snapshot, rows from the future, journal mode, size and growth."
            + " Each finding includes a suggested fix. Exits with 0 if there are no"
            + " problems, with 1 if there are errors, with 10 if there are only warnings."
            + " Without WAL, writers are"
            + " blocked during the check; if that takes too long, check a copy made by 'db"
            + " backup'.",
        "With --fleet or --gateway the hub is checked instead: its schema, whether each gateway"
            + " is heard of, its clock and its quota, rows without a partition, and whether the"
            + " newest days are the sums of their hours (not with --quick).");
    example("db check", "run all checks");
    example("db check --quick --json", "for a monitoring system");
    example("db check --fail-on error -q", "for cron: prints only if there is damage");
    example("db check --fleet", "check the hub and all of its gateways");
  }

  @Override
  protected void check() {
    fleet.check();
  }

  @Override
  public Answer run(Invocation call) {
    if (fleet.given()) {
      FleetReading.Checked checked = FleetReading.check(call, fleet, quick.get());
      return answer(
          call,
          checked.hub(),
          checked.findings(),
          GatewayRow.columns(COLUMNS, checked.gateways().size() > 1, false));
    }
    try {
      return checked(call);
    } catch (UserError e) {
      // what cannot be read for damage is damaged, not missing
      throw SqliteErrors.isDamage(e) ? new UserError(ExitCode.FAILED, e.getMessage(), e) : e;
    }
  }

  private Answer checked(Invocation call) {
    Database database = call.database();
    boolean limited = DaemonSettings.retention(call.settings()).rows().isPresent();
    DatabaseCheck check =
        new DatabaseCheck(
            database, call.now(), quick.get(), limited, DaemonSettings.guards(call.settings()));
    List<CheckFinding> findings = new ArrayList<>(check.findings());
    findings.addAll(configuration(call.settings()));
    return answer(
        call,
        database.file().toString(),
        findings.stream().map(GatewayRow::own).toList(),
        GatewayRow.columns(COLUMNS));
  }

  private Answer answer(
      Invocation call,
      String checked,
      List<GatewayRow<CheckFinding>> findings,
      List<Column<GatewayRow<CheckFinding>>> columns) {
    long errors = count(findings, Severity.ERROR);
    long warnings = count(findings, Severity.WARNING);
    long problems = errors + warnings;
    Answer answer = new Answer().member("database", checked);
    answer.member("healthy", problems == 0).member("problems", problems);
    answer.member("errors", errors).member("warnings", warnings);
    if (call.format() == Format.TABLE) {
      List<GatewayRow<CheckFinding>> shown =
          findings.stream()
              .filter(found -> !call.quiet() || isProblem(found.row().severity()))
              .toList();
      for (int i = 0; i < shown.size(); i++) {
        boolean last = i == shown.size() - 1 || !sameStep(shown.get(i), shown.get(i + 1));
        answer.block(line(shown.get(i), last, call.screen()));
      }
      answer.say(summary(errors, warnings));
    } else {
      answer.table(Table.of("findings", columns, findings));
    }
    return answer.report().exit(failOn.exitCode(errors > 0, warnings > 0));
  }

  /// Whether one suggestion is for both.
  private static boolean sameStep(GatewayRow<CheckFinding> a, GatewayRow<CheckFinding> b) {
    return Objects.equals(a.gateway(), b.gateway())
        && Objects.equals(a.row().nextStep(), b.row().nextStep());
  }

  private static boolean isProblem(Severity severity) {
    return severity == Severity.WARNING || severity == Severity.ERROR;
  }

  private static long count(List<GatewayRow<CheckFinding>> findings, Severity severity) {
    return findings.stream().filter(found -> found.row().severity() == severity).count();
  }

  private static List<CheckFinding> configuration(Settings settings) {
    return UnknownKey.in(settings).stream()
        .map(key -> new CheckFinding(Severity.WARNING, "settings", key.message(), key.next()))
        .toList();
  }

  /// @param withStep whether the suggestion is shown, too
  private static String line(GatewayRow<CheckFinding> row, boolean withStep, Screen screen) {
    CheckFinding found = row.row();
    String of = row.gateway() == null ? "" : row.gateway() + " ";
    Paragraph text = new Paragraph(width(screen), INDENT);
    text.lead(
        style(found.severity()).of(found.severity().word(), screen),
        9 - found.severity().word().length());
    text.lead(found.check(), INDENT - 9 - found.check().length());
    text.words(HumanFormat.visible(of + found.message()));
    if (withStep && found.nextStep() != null) {
      text.line();
      text.words(HumanFormat.visible((screen.unicode() ? "→ " : "-> ") + found.nextStep()));
    }
    return text.toString();
  }

  /// Lines that no terminal shows are not broken, as those of tables are not.
  private static int width(Screen screen) {
    return Math.min(screen.columns(), WIDEST);
  }

  private static Style style(Severity severity) {
    return switch (severity) {
      case OK -> Style.GOOD;
      case INFO -> Style.PLAIN;
      case WARNING -> Style.WARNING;
      case ERROR -> Style.BAD;
    };
  }

  /// Without their number, since a finding may stand for many.
  private static String summary(long errors, long warnings) {
    if (errors == 0 && warnings == 0) {
      return "No problems found.";
    }
    String warned = warnings == 1 ? "a warning" : "warnings";
    String failed = errors == 1 ? "an error" : "errors";
    String what = errors == 0 ? warned : warnings == 0 ? failed : failed + " and " + warned;
    return (errors + warnings == 1 ? "There is " : "There are ") + what + ".";
  }
}
