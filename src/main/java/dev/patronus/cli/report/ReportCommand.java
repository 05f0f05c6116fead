package dev.patronus.cli.report;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.export.ExportCommand;
import dev.patronus.cli.export.ExportFormat;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.HistoryQuery;
import dev.patronus.cli.option.OutputFileOption;
import dev.patronus.cli.option.PolicyNames;
import dev.patronus.cli.option.PolicyOption;
import dev.patronus.cli.option.RangeOptions;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.history.DefaultSteps;
import dev.patronus.history.Step;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.file.Compression;
import dev.patronus.output.html.HtmlPage;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.history.PolicyHistory;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// `patronus report`: what policies carried in a range, as one page to keep, send or print.
public final class ReportCommand extends Command {
  private static final Duration DEFAULT = Duration.ofDays(7);
  private static final int PIECES = 240;

  /// What carriers bill by; and snapshots may be as far apart.
  private static final Step FINEST = new Step.Clock(300);

  /// Endings that promise what a report is not.
  private static final Set<String> OTHERS = Set.of("pdf", "png", "svg", "xls", "xlsx", "md");

  private final PolicyOption policies = new PolicyOption(this);
  private final RangeOptions times = new RangeOptions(this);
  private final Option<Step> step =
      option(
          "--step",
          "STEP",
          Step::parse,
          "length of a step: 5m, 1h, 1d (default: one that makes at most "
              + PIECES
              + " steps, at least 5m)");
  private final FleetOptions fleet = new FleetOptions(this);
  private final OutputFileOption output =
      new OutputFileOption(
          this,
          "write to this file, which appears when it is complete; - is standard"
              + " output; "
              + OutputFileOption.CONVERSIONS.replace("%", "%%"),
          ExportCommand.FORCE);

  public ReportCommand() {
    super(
        "Writes one self-contained HTML page without scripts or network access:"
            + " totals, history with resets and gaps, the 95th percentile, unmatched"
            + " traffic, and the largest flows if a daemon runs. The page supports light"
            + " and dark mode, small screens and printing. The default range is the last 7"
            + " days. With --policy it covers only those policies and their flows.",
        "With -o json, ndjson, csv or table, or a --file with such an extension, the"
            + " same numbers are written as data. They equal those of 'stats history' for"
            + " the same range and --step, and stay when rows and policies are deleted.");
    example("report --since 7d --file report.html", "the last seven days");
    example(
        "report --range 2026-11 --step 1h -p voice --file voice.html", "one month of one policy");
    example(
        "report --since 24h --force --file /srv/www/traffic.html",
        "replace the page with the last day, from cron");
    example("report --since 24h -o json", "as JSON");
    example(
        "report --fleet --since 7d --file fleet.html",
        "the last seven days of all gateways of the hub");
  }

  @Override
  protected void check() {
    fleet.check();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    boolean toStream = !output.given();
    boolean page = isPage(call);
    if (page && toStream && call.terminal().out()) {
      throw new UserError(
          ExitCode.USAGE,
          "an HTML page is not written to a terminal; use --file report.html, or see"
              + " 'patronus stats history'");
    }
    refuseOthers();
    if (page && call.columns().isPresent()) {
      throw new UserError(
          ExitCode.USAGE,
          "--columns applies to tables only; remove it, or add -o csv, json or table");
    }
    Optional<Path> target = output.freeTarget(call);
    Format format = page ? Format.JSON : format(call);
    ReportContent content = read(call, format);
    if (toStream) {
      return toStream(call, content, page, format);
    }
    toFile(call, content, page, format, target.orElseThrow());
    return new Answer();
  }

  private void refuseOthers() {
    String name = output.named().map(Path::toString).orElse("");
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (OTHERS.contains(ending)) {
      throw new UserError(
          ExitCode.USAGE,
          "a report is HTML, JSON, NDJSON or CSV, not "
              + ending
              + "; use report.html, which a browser can print");
    }
  }

  private ReportContent read(Invocation call, Format format) {
    if (fleet.given()) {
      return FleetReading.history(
          call, fleet, (history, known) -> read(call, history, known, format));
    }
    return PolicyHistory.reading(
        call.database(), history -> read(call, history, PolicyNames.read(call, history), format));
  }

  private ReportContent read(
      Invocation call, HistorySource history, PolicyNames known, Format format) {
    List<Long> chosen = policies.given() ? policies.numbersOf(known) : history.policies();
    TimeRange range = HistoryQuery.range(call, history, chosen, times, DEFAULT);
    long seconds = Math.max(1, HistoryQuery.seconds(range, call));
    Step fitting = defaultStep(seconds);
    HistoryQuery.refuseTooMany(range, step.or(fitting), call, 1);
    HistoryPlan plan =
        HistoryQuery.plan(call, history, range, step.find(), fitting, chosen, !policies.given());
    times.echo(plan.range(), call, call.zone());
    List<String> names =
        policies.given() ? chosen.stream().map(known::shown).distinct().toList() : List.of();
    return ReportContent.read(call, history, known, chosen, names, plan, format);
  }

  private static Step defaultStep(long seconds) {
    Step fitting = DefaultSteps.fitting(seconds, PIECES);
    return fitting.shortest().compareTo(FINEST.shortest()) < 0 ? FINEST : fitting;
  }

  /// A page unless another format was asked for, or the file's name says so.
  private boolean isPage(Invocation call) {
    return call.formatAsked().isEmpty() && fileFormat().isEmpty();
  }

  private Format format(Invocation call) {
    return call.formatAsked().or(this::fileFormat).orElse(Format.TABLE);
  }

  private Optional<Format> fileFormat() {
    String name = output.named().map(Path::toString).orElse("").toLowerCase(Locale.ROOT);
    boolean csv = name.endsWith(".csv") || name.endsWith(".csv.gz");
    Format format = ExportFormat.forFile(output.named());
    return format != Format.CSV || csv ? Optional.of(format) : Optional.empty();
  }

  private Answer toStream(Invocation call, ReportContent content, boolean page, Format format)
      throws IOException {
    if (page) {
      HtmlPage.write(content.report(), call.stream());
      call.out().flush();
      return new Answer();
    }
    if (format == call.format()) {
      return content.answer();
    }
    print(call, content, format, call.stream());
    call.out().flush();
    return new Answer();
  }

  private void toFile(
      Invocation call, ReportContent content, boolean page, Format format, Path target)
      throws IOException {
    try (AtomicFile file = OutputFileOption.begin(call, target)) {
      OutputStream out = Compression.of(target, file.out());
      if (page) {
        HtmlPage.write(content.report(), out);
      } else {
        print(call, content, format, out);
      }
      Compression.finish(out);
      long bytes = file.sync();
      output.commit(file);
      if (call.terminal().err()) {
        call.say("Wrote " + target + " (" + HumanFormat.bytes(bytes) + ").");
      }
    }
  }

  private static void print(Invocation call, ReportContent content, Format format, OutputStream out)
      throws IOException {
    Answer answer = content.answer();
    Answer shown =
        call.columns().map(names -> Invocation.selected(() -> answer.select(names))).orElse(answer);
    new AnswerPrinter(format, call.screen(), call.spreadsheetSafe()).print(shown, out);
  }
}
