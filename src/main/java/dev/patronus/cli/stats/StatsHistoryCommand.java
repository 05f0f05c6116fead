package dev.patronus.cli.stats;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.HistoryChart;
import dev.patronus.cli.option.HistoryQuery;
import dev.patronus.cli.option.PolicyNames;
import dev.patronus.cli.option.PolicyOption;
import dev.patronus.cli.option.RangeOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.error.Counted;
import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.history.DefaultSteps;
import dev.patronus.history.Estimate;
import dev.patronus.history.Point;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.SampledSum;
import dev.patronus.history.Series;
import dev.patronus.history.Step;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.history.plan.HistorySummary;
import dev.patronus.history.plan.HistorySums;
import dev.patronus.history.plan.PolicySummary;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.history.PolicyHistory;
import dev.patronus.time.EpochSeconds;
import dev.patronus.time.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `patronus stats history`: what policies carried over time.
public final class StatsHistoryCommand extends WatchedCommand {
  private static final Duration DEFAULT = Duration.ofHours(24);
  private static final int PIECES = 60;

  /// How many policies people see; programs get all.
  private static final int LARGEST = 10;

  private final PolicyOption policies = new PolicyOption(this);
  private final RangeOptions times = new RangeOptions(this);
  private final FleetOptions fleet = new FleetOptions(this);
  private final Option<Step> step =
      option(
          "--step",
          "STEP",
          Step::parse,
          "length of a step: 5m, 1h, 1d, 1w, 1mo (default: one that makes at most " + PIECES + ")");
  private final Option<Boolean> rate =
      flag("--rate", "show rates per second instead of amounts in the table");
  private final Option<Boolean> byPolicy =
      flag("--by-policy", "one row per policy and step instead of the sum");
  private final Option<Boolean> noChart = flag("--no-chart", "do not draw the chart");
  private final Option<String> sort =
      option(
          "-s --sort",
          "COLUMN",
          text -> text,
          Completes.COLUMN,
          "sort the steps by this column, the largest numbers first");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "N",
          text -> EnumNames.wholeNumber(text, 1),
          "show only the last N rows; with --sort the first N");

  public StatsHistoryCommand() {
    super(
        "Shows the packets and IP bytes of all or the given policies over time, by"
            + " default for the last 24 hours. Amounts are correct across counter resets;"
            + " such steps are marked reset. A step is marked gap if so many snapshots are missing"
            + " that its amount covers more time than one and a half steps; shorter gaps are marked"
            + " in finer steps. One of which only a part was counted says how much (only 35m). FLOWS"
            + " is the number of active flows at the end of the step.",
        "The 95th percentile is computed from the rates of steps of 5 minutes, as carriers"
            + " bill, whatever --step is; for a range of more than 62 days, or where rows are"
            + " read, from the rates of the steps. The text says which.",
        "Steps of 5 minutes and more are read from what the daemon has rolled up, which"
            + " stays when rows and policies are deleted: 5 minutes for 62 days, hours for 13"
            + " months, days (UTC) for ever, unless the setting 'retention' says otherwise. Such a"
            + " range is widened to whole steps of 5"
            + " minutes, or to the hours or days that are kept. Finer steps need the rows"
            + " of snapshots, and lack deleted policies. 'db migrate' rolls up rows of an"
            + " earlier version. --policy finds deleted policies, too, where no policy of that name"
            + " is there.",
        "In steps of days, weeks or months, the step that is not over yet is estimated: what"
            + " was counted so far, and the mean rate of the time that was counted for the rest.");
    example("stats history", "the last 24 hours as a chart and a table");
    example(
        "stats history -p voice --since 7d --step 1h --rate",
        "one policy's week in steps of an hour");
    example("stats history --range 2026-11 --step 5m -n 1", "the 95th percentile of November");
    example("stats history --since 90d --step 1d --sort bytes -n 10", "the ten busiest days");
    example("stats history --range this-month --step 1mo", "this month, with an estimate");
    example(
        "stats history --fleet --since 30d --step 1d", "the last month of all gateways of the hub");
  }

  @Override
  protected void check() {
    super.check();
    fleet.refuse(isWatched(), "--watch", "shows the traffic of this machine alone");
    fleet.check();
  }

  @Override
  protected Answer answer(Invocation call) {
    if (fleet.given()) {
      return FleetReading.history(call, fleet, (history, names) -> run(call, history, names));
    }
    return PolicyHistory.reading(
        call.database(), history -> run(call, history, PolicyNames.read(call, history)));
  }

  private Answer run(Invocation call, HistorySource history, PolicyNames names) {
    List<Long> chosen = policies.given() ? policies.numbersOf(names) : history.policies();
    TimeRange asked = HistoryQuery.range(call, history, chosen, times, DEFAULT);
    Step fitting = fitting(asked, history.secondsApart(chosen), call);
    HistoryQuery.refuseTooMany(asked, step.or(fitting), call, byPolicy.get() ? chosen.size() : 1);
    HistoryPlan plan =
        HistoryQuery.plan(call, history, asked, step.find(), fitting, chosen, !policies.given());
    Buckets buckets = plan.buckets();
    if (call.format() != Format.TABLE && !isWatched()) {
      times.echo(plan.range(), call, call.zone());
    }
    HistoryTables rows = new HistoryTables(names, call.format(), rate.get(), byPolicy.get());
    HistoryPlan read = plan.in(HistoryQuery.untilNow(plan.range(), call));
    HistorySums sums = read(call, history, chosen, read, rows);
    SampledSum together = new SampledSum();
    together.add(sums.matched());
    rows.addSum(together.steps().withoutHoles(buckets));
    HistoryTotals totals = new HistoryTotals(sums.matched(), sums.unmatched());
    List<String> about =
        policies.given() ? chosen.stream().map(names::shown).distinct().toList() : List.of();
    Map<String, Object> question = asked(plan.range(), read.buckets().step(), chosen, names);
    Answer answer = new Answer().member("asked", question);
    return answer(
        answer, call, plan.range(), who(about, names), read, totals, rows, sums.implausible());
  }

  /// Reads what is shown: people see the largest policies, and rows for programs are steps.
  private HistorySums read(
      Invocation call,
      HistorySource history,
      List<Long> chosen,
      HistoryPlan plan,
      HistoryTables rows) {
    boolean unmatched = !policies.given();
    boolean people = call.format() == Format.TABLE;
    if (byPolicy.get() || call.format() == Format.JSON) {
      // Rows of steps alone have no percentiles.
      HistoryPlan wanted = people || call.format() == Format.JSON ? plan : plan.withoutSamples();
      HistorySummary summary =
          byPolicy.get()
              ? history.summaryAndSteps(chosen, wanted, unmatched, rows::addSteps)
              : history.summary(chosen, wanted, unmatched, 0);
      summary.policies().forEach(rows::add);
      return summary.sums();
    }
    HistorySums sums =
        history.sums(
            chosen, people ? plan : plan.withoutSamples(), unmatched, people ? LARGEST : 0);
    sums.largest().forEach(series -> rows.add(PolicySummary.of(series)));
    rows.addOthers(sums.others());
    return sums;
  }

  private static Step fitting(TimeRange range, long apart, Invocation call) {
    return DefaultSteps.fitting(Math.max(1, HistoryQuery.seconds(range, call)), PIECES, apart);
  }

  private Answer answer(
      Answer answer,
      Invocation call,
      TimeRange range,
      String who,
      HistoryPlan plan,
      HistoryTotals totals,
      HistoryTables rows,
      long implausible) {
    Step steps = plan.buckets().step();
    SampledSeries sum = totals.matched();
    Optional<Estimate> estimate =
        Estimate.of(sum.steps().points(), steps, range.firstSecond(), call.now().getEpochSecond());
    if (call.format() == Format.TABLE) {
      answer.note(headline(call, range, who, steps));
      chart(call, range, new Buckets(steps, call.zone()), sum).ifPresent(answer::block);
      percentile(call, totals, plan)
          .ifPresentOrElse(
              answer::note, () -> answer.note("No traffic was counted in this period."));
      estimate.ifPresent(of -> answer.note(estimate(call, of)));
      countedOnly(call, range, plan, sum.steps()).ifPresent(answer::note);
      answer.table(rows.largest(LARGEST, totals)).table(steps(rows));
    } else {
      answer.table(steps(rows)).table(rows.policies());
    }
    if (implausible > 0) {
      answer.say(
          Counted.of(implausible, "row")
              + (implausible == 1
                  ? " was skipped: its counters are implausible."
                  : " were skipped: their counters are implausible."));
    }
    return answer
        .member("implausible", implausible)
        .member("percentile_step", plan.sampleStep().toString())
        .member("highest_step", steps.toString())
        .member("range_seconds", HistoryQuery.seconds(range, call))
        .member("unmatched", totals.unmatched().map(StatsHistoryCommand::totals).orElse(null))
        .member("totals", totals(sum))
        .member("all_traffic", totals.all().map(StatsHistoryCommand::totals).orElse(null))
        .member("estimate", estimate.map(HistoryTables::members).orElse(null));
  }

  /// What part of the range was counted, where that is not all of it up to now; empty if all of it
  /// was, or nothing. What lies between is a gap.
  private static Optional<String> countedOnly(
      Invocation call, TimeRange range, HistoryPlan plan, Series sum) {
    List<Point> counted = sum.points().stream().filter(point -> point.readings() > 0).toList();
    if (counted.isEmpty()) {
      return Optional.empty();
    }
    long now = call.now().getEpochSecond();
    long first = counted.getFirst().bucket().startSecond();
    long end = counted.getLast().bucket().endSecond();
    long until = Math.min(range.until().map(Instant::getEpochSecond).orElse(now), now);
    boolean late =
        range
            .since()
            .filter(since -> first - since.getEpochSecond() > plan.gapAfterSeconds())
            .isPresent();
    boolean early = until - end > plan.gapAfterSeconds();
    return late || early
        ? Optional.of(
            "Counted only"
                + (late ? " from " + shown(call, first) + (early ? "" : " on") : "")
                + (early ? (late ? " to " : " until ") + shown(call, end) : "")
                + ".")
        : Optional.empty();
  }

  private static String shown(Invocation call, long second) {
    return call.screen().humane().time(EpochSeconds.toInstant(second));
  }

  private Table<?> steps(HistoryTables rows) {
    long most = limit.or(Long.MAX_VALUE);
    return sort.given()
        ? Invocation.selected("--sort", () -> rows.table(Long.MAX_VALUE).sorted(sort.get()))
            .first(most)
        : rows.table(most);
  }

  private static String estimate(Invocation call, Estimate estimate) {
    Bucket step = estimate.soFar().bucket();
    return "Estimate until "
        + shown(call, step.endSecond())
        + ": "
        + HumanFormat.bytes(estimate.bytes())
        + " ("
        + HumanFormat.bytes(estimate.soFar().bytes())
        + " so far, and their mean rate for the rest of the step).";
  }

  private Map<String, Object> asked(
      TimeRange range, Step steps, List<Long> chosen, PolicyNames names) {
    Map<String, Object> asked = new LinkedHashMap<>(RangeOptions.members(range));
    asked.put("step", steps.toString());
    asked.put(
        "policies", policies.given() ? chosen.stream().map(names::id).distinct().toList() : null);
    names.hub().ifPresent(hub -> asked.put("gateways", hub.gateways()));
    return asked;
  }

  /// Whose history it is, for people.
  private static String who(List<String> about, PolicyNames names) {
    String who = about.isEmpty() ? "All policies" : String.join(", ", about);
    return who + names.hub().map(hub -> " of " + FleetReading.described(hub.gateways())).orElse("");
  }

  private static String headline(Invocation call, TimeRange range, String who, Step steps) {
    return who + " " + range.describe(call.zone()) + ", in steps of " + steps + ".";
  }

  /// The chart of the whole range that was asked for, up to now, whether or not all of it was
  /// counted.
  private Optional<String> chart(
      Invocation call, TimeRange range, Buckets buckets, SampledSeries sampled) {
    Series sum = sampled.steps();
    if (noChart.get() || !call.terminal().out() || sum.points().isEmpty()) {
      return Optional.empty();
    }
    Map<Long, Double> rates =
        sum.points().stream()
            .collect(
                Collectors.toMap(
                    point -> point.bucket().startSecond(),
                    point -> point.bytesPerSecond().orElse(Double.NaN)));
    return new HistoryChart(Kind.BYTE_RATE, rates, sampled.bytesPerSecond95th())
        .text(call, range, buckets);
  }

  /// The line of the sums; empty if nothing was counted.
  private static Optional<String> percentile(
      Invocation call, HistoryTotals totals, HistoryPlan plan) {
    HumanFormat humane = call.screen().humane();
    SampledSeries sum = totals.matched();
    String text =
        sum.bytesPerSecond95th().isEmpty()
            ? ""
            : "95th percentile "
                + humane.text(Kind.BYTE_RATE, sum.bytesPerSecond95th().getAsDouble())
                + " of "
                + HumanFormat.grouped(sum.samples().points().size())
                + " steps of "
                + plan.sampleStep()
                + "; ";
    String bytes = humane.text(Kind.BYTES, sum.steps().bytes());
    Optional<String> all =
        totals
            .all()
            .map(both ->
                bytes
                    + " matched, "
                    + humane.text(Kind.BYTES, totals.unmatched().orElseThrow().steps().bytes())
                    + " unmatched, "
                    + humane.text(Kind.BYTES, both.steps().bytes())
                    + " in all.");
    return text.isEmpty() && all.isEmpty()
        ? Optional.empty()
        : Optional.of(text + all.orElse(bytes + " in total."));
  }

  private static Map<String, Object> totals(SampledSeries sampled) {
    Series sum = sampled.steps();
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("packets_matched", sum.packets());
    totals.put("bytes_matched", sum.bytes());
    totals.put("packets_per_second_95th", sampled.packetsPerSecond95th());
    totals.put("bytes_per_second_95th", sampled.bytesPerSecond95th());
    totals.put("resets", sum.resetEvents());
    totals.put("gaps", sum.gaps());
    totals.put("elapsed_seconds", sum.points().stream().mapToLong(Point::coveredSeconds).sum());
    return totals;
  }
}
