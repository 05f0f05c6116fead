package dev.patronus.cli.traffic;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyId;
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
/// @param details of each sentence, its parts
public record TrafficAlerts(
    boolean asked, List<String> limits, List<String> sentences, List<Json> details) {

  /// What is found, as it is found.
  private static final class Found {
    private final List<String> limits = new ArrayList<>();
    private final List<String> sentences = new ArrayList<>();
    private final List<Json> details = new ArrayList<>();

    void add(
        TrafficLimit limit,
        String exceeded,
        String who,
        Optional<String> policyId,
        OptionalDouble value,
        String sentence) {
      Json.Builder parts = Json.object().put("policy", who);
      policyId.ifPresentOrElse(id -> parts.put("policy_id", id), () -> parts.putNull("policy_id"));
      parts.put("measure", EnumNames.of(limit.measure()));
      if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
        parts.put("value", value.getAsDouble());
      } else {
        parts.putNull("value");
      }
      parts.put("bound", limit.bound()).put("limit", limit.text()).put("message", sentence);
      limits.add(exceeded);
      sentences.add(sentence);
      details.add(parts.build());
    }
  }

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
    Found found = new Found();
    for (TrafficLimit limit : limits) {
      List<TrafficRow> meant = limit.ofTotal() ? rows : rowsOf(limit, rows, unmatched);
      requireMeasurable(limit, now);
      if (limit.ofTotal()) {
        TrafficSum sum = TrafficSum.of(rows);
        add(
            limit,
            TrafficLimit.TOTAL,
            Optional.empty(),
            sum.measure(limit.measure(), rows, now, at),
            snapshot(limit, now, sum.measure(Measure.AGE, rows, now, at)),
            found);
      } else {
        meant.forEach(row ->
            add(
                limit,
                limit.ofUnmatched() ? TrafficLimit.UNMATCHED : row.who(),
                limit.ofUnmatched()
                    ? Optional.empty()
                    : Optional.of(PolicyId.format(row.traffic().policyId())),
                row.measure(limit.measure(), now, at),
                snapshot(limit, now, row.measure(Measure.AGE, now, at)),
                found));
      }
    }
    if (!limits.isEmpty() && TrafficSum.of(rows).measure(Measure.AGE, rows, now, at).isEmpty()) {
      addNeverCounted(limits, found);
    }
    return new TrafficAlerts(
        !limits.isEmpty(),
        List.copyOf(found.limits),
        List.copyOf(found.sentences),
        List.copyOf(found.details));
  }

  private static List<TrafficRow> rowsOf(
      TrafficLimit limit, List<TrafficRow> rows, Optional<TrafficRow> unmatched) {
    if (limit.ofUnmatched()) {
      return unmatched.stream().toList();
    }
    return limit.policy().map(name -> NamedRows.find(name, rows)).orElse(rows);
  }

  private static void requireMeasurable(TrafficLimit limit, TrafficNow now) {
    if (limit.measure() == Measure.IDLE && now.source() != TrafficNow.Source.LIVE) {
      throw new UserError(
          ExitCode.NO_DAEMON,
          limit.text()
              + ": only a running daemon knows when the last packet came, and these numbers are from"
              + " a snapshot; 'age' compares the age of the snapshot");
    }
  }

  /// Where a value is from, in the words of the answer itself: ` (snapshot of 2h ago)`; empty of
  /// live traffic, and of an age, which says so itself.
  private static String snapshot(TrafficLimit limit, TrafficNow now, OptionalDouble ageSeconds) {
    return now.source() != TrafficNow.Source.SNAPSHOT
            || limit.measure() == Measure.AGE
            || ageSeconds.isEmpty()
        ? ""
        : " (snapshot of " + TrafficAnswer.distance((long) ageSeconds.getAsDouble()) + ")";
  }

  private static void add(
      TrafficLimit limit,
      String who,
      Optional<String> policyId,
      OptionalDouble value,
      String snapshot,
      Found found) {
    if (limit.exceededBy(value)) {
      boolean named = limit.ofTotal() || limit.policy().isPresent();
      found.add(
          limit,
          named ? limit.text() : who + ":" + limit.text(),
          who,
          policyId,
          value,
          who
              + ": "
              + (Double.isInfinite(value.getAsDouble())
                  ? "no traffic was ever counted"
                  : EnumNames.of(limit.measure())
                      + " is "
                      + text(limit.measure(), value.getAsDouble())
                      + snapshot)
              + ", and the limit is "
              + shown(limit));
    }
  }

  /// A limit as it was written; of a rate, which may be written in bytes, as the table shows it.
  private static String shown(TrafficLimit limit) {
    return limit.measure() == Measure.BYTE_RATE
        ? text(limit.measure(), limit.bound()) + " (" + limit.text() + ")"
        : limit.text();
  }

  /// Where nothing was ever counted, any age is exceeded: a collector that never began is not well.
  private static void addNeverCounted(List<TrafficLimit> limits, Found found) {
    for (TrafficLimit limit : limits) {
      if (limit.measure() == Measure.AGE) {
        found.add(
            limit,
            limit.text(),
            TrafficLimit.TOTAL,
            Optional.empty(),
            OptionalDouble.empty(),
            "no traffic was ever counted, and the limit is " + limit.text());
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
    return asked
        ? answer.member("alerts", sentences).member("alert_details", new Json.Arr(details))
        : answer;
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
