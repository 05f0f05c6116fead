package dev.patronus.cli.path;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.HistoryChart;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.option.RangeOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.Buckets;
import dev.patronus.history.DefaultSteps;
import dev.patronus.history.Step;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.site.Path;
import dev.patronus.site.history.Distribution;
import dev.patronus.site.history.PathPoint;
import dev.patronus.site.history.PathSeries;
import dev.patronus.site.history.PathStepping;
import dev.patronus.store.history.PathHistoryScan;
import dev.patronus.store.table.PathTable;
import dev.patronus.time.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// `patronus path history`: latency, jitter, loss and uptime of paths over time.
public final class PathHistoryCommand extends WatchedCommand {
  private static final Duration DEFAULT = Duration.ofHours(24);
  private static final int PIECES = 60;
  private static final long ROWS_MAX = 100_000;

  /// A path and what it was like in the whole range.
  private record Overall(Path path, PathSeries series) {}

  /// What the chart shows.
  private enum Measure {
    LATENCY(Kind.MILLIS, PathPoint::latency),
    JITTER(Kind.MILLIS, PathPoint::jitter),
    LOSS(Kind.PERCENT, PathPoint::loss);

    private final Kind kind;

    @SuppressWarnings("ImmutableEnumChecker") // a method reference
    private final Function<PathPoint, Distribution> of;

    Measure(Kind kind, Function<PathPoint, Distribution> of) {
      this.kind = kind;
      this.of = of;
    }

    OptionalDouble percentile95(PathPoint point) {
      return of.apply(point).percentile95();
    }
  }

  private final Option<Long> id =
      argument(
          "ID",
          "0..1",
          text -> EnumNames.wholeNumber(text, 0),
          Completes.PATH,
          "the path's id; one row per path without it");
  private final RangeOptions times = new RangeOptions(this);
  private final Option<Step> step =
      option(
          "--step",
          "STEP",
          Step::parse,
          "length of a step: 5m, 1h, 1d, 1w, 1mo (default: one that makes at most " + PIECES + ")");
  private final Option<Measure> measure =
      choice(
          "--chart",
          "MEASURE",
          Measure.class,
          "what the chart shows: latency, jitter or loss (default: latency)");
  private final Option<Boolean> noChart = flag("--no-chart", "do not draw the chart");
  private final ListOptions list = new ListOptions(this);

  public PathHistoryCommand() {
    super(
        "Shows the latency, jitter and packet loss of a path over time and its uptime, by"
            + " default for the last 24 hours; without ID, one row per path.",
        "Latency, jitter and loss are 95th percentiles by nearest rank of all measurements in"
            + " the step (SAMPLES); mean and highest are shown with --columns, and in JSON,"
            + " NDJSON and CSV. A step without a measurement is empty, not zero.",
        "UPTIME is the part of the observed time in which the path's health was up or"
            + " degraded. A health sample counts until the next one, for at most "
            + HumanFormat.seconds(PathStepping.HOLD_SECONDS)
            + "; time beyond that is not observed. Databases older than the newest schema"
            + " version have no health samples, so that UPTIME is empty.");
    example("path history 1", "the last 24 hours of a path as a chart and a table");
    example("path history 1 --since 7d --step 1h -o csv", "a week in steps of an hour, as CSV");
    example("path history --range yesterday --sort latency_ms_95th -n 5", "the slowest paths");
  }

  @Override
  protected void check() {
    super.check();
    if (!id.given() && (step.given() || measure.given() || noChart.get())) {
      throw new UserError(
          ExitCode.USAGE,
          "--step, --chart and --no-chart require the ID of a path; 'patronus path list' shows"
              + " them");
    }
  }

  @Override
  protected Answer answer(Invocation call) {
    PathHistoryScan history = new PathHistoryScan(call.database());
    PathTable paths = new PathTable(call.database());
    if (!history.knowsStatus() && call.terminal().err()) {
      call.say(
          "schema version '"
              + call.database().schema().age()
              + "' has no table sdwan_path_health; UPTIME is not known.");
    }
    return id.given() ? onePath(call, paths, history) : allPaths(call, paths, history);
  }

  private Answer onePath(Invocation call, PathTable paths, PathHistoryScan history) {
    Path path = PathTexts.find(paths, id.get()).path();
    TimeRange range = range(call, () -> history.firstSecond(path.id()));
    Step steps = step.or(DefaultSteps.fitting(Math.max(1, seconds(range)), PIECES));
    refuseTooMany(seconds(range) / steps.shortest().toSeconds());
    Buckets buckets = new Buckets(steps, call.zone());
    PathSeries series = history.read(path.id(), range, buckets);
    Map<String, Object> asked = new LinkedHashMap<>(RangeOptions.members(range));
    asked.put("step", steps.toString());
    asked.put("path_id", Long.toString(path.id()));
    Answer answer = new Answer().member("asked", asked);
    answer.member("totals", series.total().map(PathHistoryColumns::members).orElse(null));
    answer.member("unreadable", series.unreadable());
    Map<String, String> names = paths.siteNames();
    answer.note(
        "Path "
            + path.id()
            + ", "
            + PathTexts.siteName(names, path.srcSiteId())
            + " to "
            + PathTexts.siteName(names, path.dstSiteId())
            + ", "
            + range.describe(call.zone())
            + ", in steps of "
            + steps
            + ".");
    chart(call, range, buckets, series).ifPresent(answer::block);
    say(call, series, answer);
    list.show(Table.of("rows", columns(call.format()), series.withoutHoles(buckets)), answer, call);
    return answer;
  }

  private static List<Column<PathPoint>> columns(Format format) {
    List<Column<PathPoint>> columns = new ArrayList<>();
    if (format != Format.TABLE) {
      columns.add(Column.of("timestamp", Kind.ID, point -> point.bucket().startSecond()));
    }
    columns.add(
        Column.of("time", Kind.TIME, point -> Instant.ofEpochSecond(point.bucket().startSecond())));
    columns.addAll(PathHistoryColumns.ALL);
    return columns;
  }

  private Optional<String> chart(
      Invocation call, TimeRange range, Buckets buckets, PathSeries series) {
    if (noChart.get() || !call.terminal().out() || series.total().isEmpty()) {
      return Optional.empty();
    }
    Measure shown = measure.or(Measure.LATENCY);
    Map<Long, Double> values =
        series.points().stream()
            .collect(
                Collectors.toMap(
                    point -> point.bucket().startSecond(),
                    point -> shown.percentile95(point).orElse(Double.NaN)));
    return new HistoryChart(shown.kind, values, shown.percentile95(series.total().get()))
        .text(call, range, buckets);
  }

  /// The whole range in a sentence.
  private static void say(Invocation call, PathSeries series, Answer answer) {
    HumanFormat humane = call.screen().humane();
    PathPoint total = series.total().orElse(null);
    if (total == null || total.samples() == 0) {
      answer.note("There are no measurements in this period.");
    } else {
      answer.note(
          "95th percentiles: latency "
              + humane.text(Kind.MILLIS, total.latency().percentile95().getAsDouble())
              + ", jitter "
              + humane.text(Kind.MILLIS, total.jitter().percentile95().getAsDouble())
              + ", loss "
              + humane.text(Kind.PERCENT, total.loss().percentile95().getAsDouble())
              + ", of "
              + Counted.of(total.samples(), "measurement")
              + ".");
    }
    if (total != null && total.uptime().percent().isPresent()) {
      answer.note(
          "Uptime "
              + humane.text(Kind.PERCENT, total.uptime().percent().getAsDouble())
              + " of "
              + HumanFormat.seconds(total.uptime().observedSeconds())
              + " observed with "
              + Counted.of(total.uptime().samples(), "health sample")
              + "; down for "
              + HumanFormat.seconds(total.uptime().downSeconds())
              + ".");
    }
    sayUnreadable(series.unreadable(), answer);
  }

  private static void sayUnreadable(long unreadable, Answer answer) {
    if (unreadable > 0) {
      answer.say(
          Counted.of(unreadable, "measurement")
              + " skipped: a value is no number; 'patronus db check' names the rows.");
    }
  }

  private Answer allPaths(Invocation call, PathTable paths, PathHistoryScan history) {
    TimeRange range = range(call, OptionalLong::empty);
    Buckets buckets = new Buckets(new Step.Months(12), call.zone());
    Map<String, String> names = paths.siteNames();
    List<Column<Overall>> columns = new ArrayList<>();
    columns.add(PathTexts.ID.of(Overall::path));
    columns.addAll(Column.of(PathTexts.siteNames(names), Overall::path));
    columns.addAll(Column.of(PathHistoryColumns.ALL, row -> row.series().total().orElse(null)));
    List<Path> all = paths.all().stream().map(PathTable.Row::path).toList();
    List<Path> needed = list.needed(all);
    Map<Long, PathSeries> series =
        history.read(needed.stream().map(Path::id).toList(), range, buckets);
    List<Overall> rows =
        needed.stream()
            .map(path -> new Overall(path, Objects.requireNonNull(series.get(path.id()))))
            .toList();
    long unreadable = rows.stream().mapToLong(row -> row.series().unreadable()).sum();
    Answer answer =
        new Answer()
            .member("asked", RangeOptions.members(range))
            .member("unreadable", unreadable)
            .note("95th percentiles " + range.describe(call.zone()) + ".");
    sayUnreadable(unreadable, answer);
    list.show(Table.of("paths", columns, rows), all.size(), answer, call);
    return rows.isEmpty() ? answer.note("There are no paths.") : answer;
  }

  /// The range of the options, the last 24 hours without them, with its end at the present at the
  /// latest.
  ///
  /// @param first the first second that a range without a beginning begins with
  private TimeRange range(Invocation call, Supplier<OptionalLong> first) {
    TimeRange asked =
        times.given()
            ? times.read(call)
            : TimeRange.since(call.now().minus(DEFAULT).truncatedTo(ChronoUnit.MINUTES));
    Instant now = call.now().truncatedTo(ChronoUnit.SECONDS);
    Instant end = asked.until().filter(until -> until.isBefore(now)).orElse(now);
    Instant start =
        asked
            .since()
            .or(() -> first.get().stream().mapToObj(Instant::ofEpochSecond).findFirst())
            .orElse(null);
    if (start == null) {
      return TimeRange.until(end);
    }
    return TimeRange.of(start, start.isAfter(end) ? start : end);
  }

  private static long seconds(TimeRange range) {
    return range
        .since()
        .map(since -> Duration.between(since, range.until().orElse(since)).toSeconds())
        .orElse(0L);
  }

  private static void refuseTooMany(long rows) {
    if (rows > ROWS_MAX) {
      throw new UserError(
          ExitCode.USAGE,
          "that would be about "
              + HumanFormat.grouped(rows)
              + " rows; choose a longer --step or a shorter range");
    }
  }
}
