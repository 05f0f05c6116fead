package dev.patronus.cli.traffic;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.policy.TrafficNow;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The limits that are exceeded, each as a sentence.
///
/// @param asked whether any limit was asked about
/// @param limits of each sentence, who exceeds which limit
public record TrafficAlerts(boolean asked, List<String> limits, List<String> sentences) {

  /// Holds the rows of an answer against limits.
  ///
  /// @param unmatched what no policy matched; empty where nobody counted it
  /// @param at the instant at which ages are told
  public static TrafficAlerts of(
      List<TrafficLimit> limits,
      List<TrafficRow> rows,
      Optional<TrafficRow> unmatched,
      TrafficNow now,
      Instant at) {
    List<String> whoAndWhich = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    for (TrafficLimit limit : limits) {
      if (limit.ofTotal()) {
        OptionalDouble value = TrafficSum.of(rows).measure(limit.measure(), rows, now, at);
        add(limit, TrafficLimit.TOTAL, value, whoAndWhich, sentences);
      } else {
        rowsOf(limit, rows, unmatched)
            .forEach(row ->
                add(
                    limit,
                    limit.ofUnmatched() ? TrafficLimit.UNMATCHED : row.who(),
                    row.measure(limit.measure(), now, at),
                    whoAndWhich,
                    sentences));
      }
    }
    if (!limits.isEmpty() && TrafficSum.of(rows).measure(Measure.AGE, rows, now, at).isEmpty()) {
      addNeverCounted(limits, whoAndWhich, sentences);
    }
    return new TrafficAlerts(!limits.isEmpty(), List.copyOf(whoAndWhich), List.copyOf(sentences));
  }

  private static List<TrafficRow> rowsOf(
      TrafficLimit limit, List<TrafficRow> rows, Optional<TrafficRow> unmatched) {
    if (limit.ofUnmatched()) {
      return unmatched.stream().toList();
    }
    return limit.policy().map(name -> NamedRows.find(name, rows)).orElse(rows);
  }

  private static void add(
      TrafficLimit limit,
      String who,
      OptionalDouble value,
      List<String> whoAndWhich,
      List<String> sentences) {
    if (limit.exceededBy(value)) {
      boolean named = limit.ofTotal() || limit.policy().isPresent();
      whoAndWhich.add(named ? limit.text() : who + ":" + limit.text());
      sentences.add(
          who
              + ": "
              + (Double.isInfinite(value.getAsDouble())
                  ? "no traffic was ever counted"
                  : EnumNames.of(limit.measure())
                      + " is "
                      + text(limit.measure(), value.getAsDouble()))
              + ", and the limit is "
              + limit.text());
    }
  }

  /// Where nothing was ever counted, any age is exceeded: a collector that never began is not well.
  private static void addNeverCounted(
      List<TrafficLimit> limits, List<String> whoAndWhich, List<String> sentences) {
    for (TrafficLimit limit : limits) {
      if (limit.measure() == Measure.AGE) {
        whoAndWhich.add(limit.text());
        sentences.add("no traffic was ever counted, and the limit is " + limit.text());
      }
    }
  }

  private static String text(Measure measure, double value) {
    Kind kind =
        switch (measure) {
          case PACKETS, FLOWS -> Kind.COUNT;
          case BYTES -> Kind.BYTES;
          case PACKET_RATE -> Kind.RATE;
          case BYTE_RATE -> Kind.BYTE_RATE;
          case AGE, IDLE -> Kind.SECONDS;
        };
    Object number = measure == Measure.PACKET_RATE ? (Object) value : (Object) Math.round(value);
    return new HumanFormat(ZoneOffset.UTC, false).text(kind, number);
  }

  /// Adds what was found to the document of an answer.
  public Answer addMember(Answer answer) {
    return asked ? answer.member("alerts", sentences) : answer;
  }

  /// Adds what was found to an answer, says it on stderr, and sets the exit code.
  public Answer addTo(Answer answer, Invocation call) {
    addMember(answer);
    if (!sentences.isEmpty()) {
      sentences.forEach(call::warn);
      return answer.exit(ExitCode.LIMIT_EXCEEDED);
    }
    return asked ? answer.report() : answer;
  }
}
