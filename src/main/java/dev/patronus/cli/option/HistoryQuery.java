package dev.patronus.cli.option;

import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.Buckets;
import dev.patronus.history.Step;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.retention.PrunedTime;
import dev.patronus.time.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The time range and the size of a query for history, as `stats history` and `report` share them.
public final class HistoryQuery {
  /// More rows than this are no history to look at; `export stats --step` streams any number.
  private static final long ROWS_MAX = 100_000;

  /// The steps that are rolled up.
  private static final List<Duration> KEPT =
      List.of(Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofDays(1));

  private HistoryQuery() {}

  /// Returns the range of the options, `defaultValue` before now without them. A range without a
  /// beginning starts at the first reading of the chosen policies.
  public static TimeRange range(
      Invocation call,
      HistorySource history,
      List<Long> chosen,
      RangeOptions times,
      Duration defaultValue) {
    if (!times.given()) {
      return TimeRange.since(call.now().minus(defaultValue).truncatedTo(ChronoUnit.MINUTES));
    }
    TimeRange range = times.read(call);
    if (range.since().isPresent()) {
      return range;
    }
    OptionalLong first = history.firstSecond(chosen);
    return first.isPresent() && first.getAsLong() < range.endSecond()
        ? new TimeRange(Optional.of(Instant.ofEpochSecond(first.getAsLong())), range.until())
        : range;
  }

  /// Returns the range to read rows in. One without an end ends with the present: a row that a
  /// wrong clock has stamped far in the future would make a step of every minute until then.
  public static TimeRange untilNow(TimeRange range, Invocation call) {
    Instant end = call.now().plus(PrunedTime.TOLERANCE);
    boolean open = range.until().isEmpty();
    return open && range.since().filter(since -> since.isAfter(end)).isEmpty()
        ? new TimeRange(range.since(), Optional.of(end))
        : range;
  }

  /// Returns the length of the range in seconds, up to now where it has no end.
  public static long seconds(TimeRange range, Invocation call) {
    Instant until = range.until().orElse(call.now());
    return range.since().map(since -> Duration.between(since, until).toSeconds()).orElse(0L);
  }

  /// Plans a query. Without `asked` the step is the shortest that the rows and roll-ups of the
  /// range can answer, from `fitting` on.
  ///
  /// @param unmatched whether the traffic that no policy matched is read, too
  /// @throws UserError if the step that was asked for, or every step, is finer than what is kept
  public static HistoryPlan plan(
      Invocation call,
      HistorySource history,
      TimeRange range,
      Optional<Step> asked,
      Step fitting,
      List<Long> chosen,
      boolean unmatched) {
    UserError refused = null;
    for (Step step : asked.map(List::of).orElseGet(() -> coarser(fitting))) {
      try {
        return history.plan(range, new Buckets(step, call.zone()), chosen, unmatched);
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.REFUSED) {
          throw e;
        }
        refused = refused == null ? e : refused;
      }
    }
    throw refused;
  }

  private static List<Step> coarser(Step fitting) {
    List<Step> steps = new ArrayList<>(List.of(fitting));
    for (Duration kept : KEPT) {
      if (kept.compareTo(fitting.shortest()) > 0) {
        steps.add(Step.of(kept));
      }
    }
    return steps;
  }

  /// Refuses a query with more rows than a person can read.
  public static void refuseTooMany(TimeRange range, Step step, Invocation call, int each) {
    long rows = seconds(range, call) / step.shortest().toSeconds() * Math.max(1, each);
    if (rows > ROWS_MAX) {
      throw new UserError(
          ExitCode.USAGE,
          "that would be about "
              + HumanFormat.grouped(rows)
              + " rows; choose a longer --step, or a"
              + " shorter range, or stream them with 'patronus export stats --step "
              + step
              + " --values delta'");
    }
  }
}
