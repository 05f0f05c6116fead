package dev.patronus.cli.option;

import dev.patronus.cli.command.Invocation;
import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.Chart;
import dev.patronus.time.TimeRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The chart of a history, one value for each step.
///
/// @param values by the first second of their steps; a step without one is left blank
/// @param line where a line is drawn across; empty for none
public record HistoryChart(Kind kind, Map<Long, Double> values, OptionalDouble line) {

  /// The chart of the whole range that was asked for, up to now, whether or not all of it was
  /// measured; empty if there is nothing to draw.
  public Optional<String> text(Invocation call, TimeRange range, Buckets buckets) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    long last = Collections.max(values.keySet());
    long end = Math.max(last + 1, Math.min(range.endSecond(), call.now().getEpochSecond()));
    List<Double> heights = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    Bucket bucket = buckets.at(Math.min(range.firstSecond(), last));
    while (bucket.startSecond() < end) {
      heights.add(values.getOrDefault(bucket.startSecond(), Double.NaN));
      starts.add(bucket.startSecond());
      bucket = buckets.after(bucket);
    }
    starts.add(bucket.startSecond());
    Chart chart =
        new Chart(
            kind,
            heights.stream().mapToDouble(Double::doubleValue).toArray(),
            starts.stream().mapToLong(Long::longValue).toArray(),
            line);
    String text = chart.text(call.screen());
    return text.isEmpty() ? Optional.empty() : Optional.of("\n" + text);
  }
}
