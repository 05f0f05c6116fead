package dev.patronus.output.html;

import dev.patronus.history.Bucket;
import dev.patronus.history.Estimate;
import dev.patronus.history.Point;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a page tells: what policies carried in a range of time.
///
/// Immutable. It holds curves and sums, not the readings, so that a long history stays small.
///
/// @param host the machine's name; empty if it is not known
/// @param sampleStep the step whose rates percentiles are computed from
/// @param policies the names of those that were asked for; empty for all
/// @param buckets the steps of the range
/// @param steps what all carried together, with the steps that are missing
/// @param lines a line for each policy, the one that carried most first
/// @param unmatched what no policy took; empty where nobody counted it, and where it is about some
///   policies only
/// @param allTraffic `total` and `unmatched` together; empty where the latter is
/// @param resets when counters restarted, the latest first
/// @param resetsLeftOut how many more there were
/// @param implausible how many readings were passed over
/// @param flows what the daemon sees at the moment; empty without a daemon
/// @param estimate of the last step, where that is a day or longer and not over yet
public record TrafficReport(
    String database,
    String host,
    String program,
    Instant made,
    Period period,
    ZoneId zone,
    String step,
    String sampleStep,
    List<String> policies,
    List<Bucket> buckets,
    List<Point> steps,
    Line total,
    List<Line> lines,
    Optional<Line> unmatched,
    Optional<Line> allTraffic,
    List<Reset> resets,
    int resetsLeftOut,
    long implausible,
    Optional<Flows> flows,
    Optional<Estimate> estimate) {

  /// How many policies get a chart of their own.
  public static final int POLICY_CHARTS = 24;

  /// The time that it is about.
  ///
  /// @param since empty where nothing was counted from any time on
  /// @param until may be later than now
  public record Period(Optional<Instant> since, Instant until) {}

  /// What one policy carried, or all.
  ///
  /// @param id as people write it; empty for a sum
  /// @param percentile95 of the samples' bytes a second
  /// @param samples how many there are
  /// @param highest the highest of the steps' bytes a second
  /// @param curve of sums and of the first [#POLICY_CHARTS] lines; of others without columns
  public record Line(
      String id,
      String name,
      long packets,
      long bytes,
      OptionalDouble percentile95,
      OptionalDouble highest,
      int samples,
      int resets,
      long gaps,
      Curve curve) {

    /// The line of a sum, which has no id; resets are counted by step.
    public static Line of(String name, SampledSeries sampled, List<Bucket> buckets) {
      Series series = sampled.steps();
      return new Line(
          "",
          name,
          series.packets(),
          series.bytes(),
          sampled.bytesPerSecond95th(),
          series.bytesPerSecondHighest(),
          sampled.samples().points().size(),
          series.resetEvents(),
          series.gaps(),
          Curve.of(buckets, series.points()));
    }
  }

  /// Counters restarted.
  ///
  /// @param second the beginning of the step in which they did
  public record Reset(long second, String policy, int times) {}

  /// A part of the flow table.
  ///
  /// @param total how many flows are live
  public record Flows(Instant asOf, long total, List<Flow> largest) {}

  /// A flow.
  ///
  /// @param policy the one that it counts for; empty if none matched
  public record Flow(
      String protocol,
      String source,
      String destination,
      String policy,
      long packets,
      long bytes,
      long ageSeconds) {}
}
