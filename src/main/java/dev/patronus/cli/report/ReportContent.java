package dev.patronus.cli.report;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Version;
import dev.patronus.cli.option.HistoryQuery;
import dev.patronus.cli.option.PolicyNames;
import dev.patronus.cli.option.PolicyNames.OfHub;
import dev.patronus.cli.option.RangeOptions;
import dev.patronus.cli.stats.HistoryTables;
import dev.patronus.cli.stats.HistoryTotals;
import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.history.Estimate;
import dev.patronus.history.Point;
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
import dev.patronus.output.html.Curve;
import dev.patronus.output.html.TrafficReport;
import dev.patronus.output.html.TrafficReport.Flow;
import dev.patronus.output.html.TrafficReport.Flows;
import dev.patronus.output.html.TrafficReport.Line;
import dev.patronus.output.html.TrafficReport.Period;
import dev.patronus.output.html.TrafficReport.Reset;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.time.EpochSeconds;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a report is about, read once: as values for a page, and as an answer for programs.
///
/// Of each policy it keeps sums, and of those that are drawn a curve.
record ReportContent(TrafficReport report, Answer answer) {
  /// How many resets a page lists.
  private static final int RESETS = 100;

  /// Reads what these policies carried.
  ///
  /// @param names those that were asked for; empty for all
  static ReportContent read(
      Invocation call,
      HistorySource history,
      PolicyNames known,
      List<Long> chosen,
      List<String> names,
      HistoryPlan plan,
      Format format) {
    TimeRange range = plan.range();
    Buckets buckets = plan.buckets();
    Step step = buckets.step();
    HistoryPlan read = plan.in(HistoryQuery.untilNow(range, call));
    List<Bucket> steps = steps(range, buckets, call);
    HistoryTables rows = new HistoryTables(known, format, false, false);
    HistorySummary summary =
        history.summary(chosen, read, names.isEmpty(), TrafficReport.POLICY_CHARTS);
    HistorySums sums = summary.sums();
    List<Line> lines = lines(summary, known, steps);
    List<Reset> resets = resets(summary, known);
    summary.policies().forEach(rows::add);
    SampledSum together = new SampledSum();
    together.add(sums.matched());
    List<Point> whole = together.steps().withoutHoles(buckets);
    rows.addSum(whole);
    HistoryTotals totals = new HistoryTotals(sums.matched(), sums.unmatched());
    Optional<Line> unmatched =
        totals.unmatched().map(series -> Line.of("(unmatched)", series, steps));
    TrafficReport report =
        new TrafficReport(
            known.hub().map(OfHub::name).orElseGet(() -> call.databaseFile().toString()),
            host(),
            "patronus " + Version.TEXT,
            call.now(),
            period(range, call),
            call.zone(),
            step.toString(),
            read.sampleStep().toString(),
            names,
            steps,
            whole,
            Line.of("", sums.matched(), steps),
            lines,
            unmatched,
            totals.all().map(series -> Line.of("(all traffic)", series, steps)),
            resets.subList(0, Math.min(RESETS, resets.size())),
            Math.max(0, resets.size() - RESETS),
            sums.implausible(),
            known.ofHub()
                ? Optional.empty()
                : new ReportFlows(call, names.isEmpty() ? List.of() : chosen).read(),
            Estimate.of(whole, step, range.firstSecond(), call.now().getEpochSecond()));
    return new ReportContent(report, answer(report, rows, range, chosen, known, call));
  }

  /// A range without an end is about what was until now.
  private static Period period(TimeRange range, Invocation call) {
    Instant now = call.now();
    Instant until = range.since().filter(since -> since.isAfter(now)).orElse(now);
    return new Period(range.since(), range.until().orElse(until));
  }

  /// The machine's name; empty if the kernel does not tell it (proc_sys_kernel(5)).
  private static String host() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException _) {
      return "";
    }
  }

  /// All steps of the range, up to now: from its beginning, whether or not all of it was counted.
  private static List<Bucket> steps(TimeRange range, Buckets buckets, Invocation call) {
    List<Bucket> steps = new ArrayList<>();
    if (range.since().isEmpty()) {
      return steps;
    }
    long end = Math.min(range.endSecond(), call.now().getEpochSecond() + 1);
    Bucket bucket = buckets.at(range.firstSecond());
    while (bucket.startSecond() < end) {
      steps.add(bucket);
      bucket = buckets.after(bucket);
    }
    return steps;
  }

  /// A line for each policy, the one that carried most first, with a curve if it is drawn.
  private static List<Line> lines(HistorySummary summary, PolicyNames known, List<Bucket> steps) {
    Map<Long, Series> drawn = new HashMap<>();
    summary
        .sums()
        .largest()
        .forEach(series -> drawn.put(series.steps().policyId(), series.steps()));
    List<Line> lines = new ArrayList<>();
    for (PolicySummary policy : summary.policies()) {
      Series series = drawn.get(policy.policyId());
      Curve curve = series == null ? Curve.NONE : Curve.of(steps, series.points());
      lines.add(
          new Line(
              known.id(policy.policyId()),
              known.placed(policy.policyId()),
              policy.packets(),
              policy.bytes(),
              policy.bytesPerSecond95th(),
              policy.bytesPerSecondHighest(),
              policy.samples(),
              policy.resetTimes(),
              policy.gaps(),
              curve));
    }
    lines.sort(Comparator.comparingLong(Line::bytes).reversed());
    return lines;
  }

  /// The latest first.
  private static List<Reset> resets(HistorySummary summary, PolicyNames known) {
    List<Reset> resets = new ArrayList<>();
    for (PolicySummary policy : summary.policies()) {
      String name = known.placed(policy.policyId());
      policy.resets().forEach(of -> resets.add(new Reset(of.second(), name, of.times())));
    }
    resets.sort(Comparator.comparingLong(Reset::second).reversed());
    return resets;
  }

  private static Answer answer(
      TrafficReport report,
      HistoryTables rows,
      TimeRange range,
      List<Long> chosen,
      PolicyNames known,
      Invocation call) {
    List<String> ids = chosen.stream().map(known::id).distinct().toList();
    Map<String, Object> asked = new LinkedHashMap<>(RangeOptions.members(range));
    asked.put("step", report.step());
    asked.put("policies", report.policies().isEmpty() ? null : ids);
    known.hub().ifPresent(hub -> asked.put("gateways", hub.gateways()));
    Line total = report.total();
    return new Answer()
        .member("asked", asked)
        .member("as_of", call.now())
        .member("database", report.database())
        .member("host", report.host())
        .member("time_zone", call.zone().toString())
        .say("Traffic " + range.describe(call.zone()) + ", in steps of " + report.step() + ".")
        .table(rows.table(Long.MAX_VALUE))
        .table(rows.policies())
        .table(resets(report))
        .table(flowTable(report))
        .member("resets_left_out", report.resetsLeftOut())
        .member("active_flows", report.flows().map(Flows::total).orElse(null))
        .member("implausible", report.implausible())
        .member("percentile_step", report.sampleStep())
        .member("highest_step", report.step())
        .member("unmatched", report.unmatched().map(ReportContent::sums).orElse(null))
        .member("totals", sums(total))
        .member("all_traffic", report.allTraffic().map(ReportContent::sums).orElse(null))
        .member("estimate", report.estimate().map(HistoryTables::members).orElse(null));
  }

  private static Map<String, Object> sums(Line line) {
    Map<String, Object> sums = new LinkedHashMap<>();
    sums.put("packets_matched", line.packets());
    sums.put("bytes_matched", line.bytes());
    sums.put("bytes_per_second_95th", line.percentile95());
    sums.put("bytes_per_second_highest", line.highest());
    sums.put("resets", line.resets());
    sums.put("gaps", line.gaps());
    return sums;
  }

  private static Table<Reset> resets(TrafficReport report) {
    List<Column<Reset>> columns =
        List.of(
            Column.of("time", Kind.TIME, reset -> EpochSeconds.toInstant(reset.second())),
            Column.of("policy_name", "POLICY", Kind.TEXT, Reset::policy),
            Column.of("resets", Kind.COUNT, Reset::times));
    return Table.of("resets", columns, report.resets()).titled("Resets");
  }

  private static Table<Flow> flowTable(TrafficReport report) {
    List<Column<Flow>> columns =
        List.of(
            Column.of("protocol", "PROTO", Kind.ID, Flow::protocol),
            Column.of("source", Kind.ID, Flow::source),
            Column.of("destination", Kind.ID, Flow::destination),
            Column.of("policy", Kind.TEXT, Flow::policy),
            Column.of("packets", Kind.COUNT, Flow::packets),
            Column.of("bytes", Kind.BYTES, Flow::bytes),
            Column.of("age_seconds", "AGE", Kind.SECONDS, Flow::ageSeconds));
    return Table.of("flows", columns, report.flows().map(Flows::largest).orElse(List.of()))
        .titled("Largest flows now");
  }
}
