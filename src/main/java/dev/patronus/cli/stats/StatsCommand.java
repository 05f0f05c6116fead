package dev.patronus.cli.stats;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder;
import dev.patronus.cli.option.PolicyOption;
import dev.patronus.cli.traffic.TrafficAlerts;
import dev.patronus.cli.traffic.TrafficAnswer;
import dev.patronus.cli.traffic.TrafficRow;
import dev.patronus.cli.traffic.TrafficSource;
import dev.patronus.cli.traffic.TrafficSum;
import dev.patronus.cli.watch.TrafficWatch;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficNow;
import dev.patronus.time.DurationText;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// `patronus stats`: what each policy carries now.
public final class StatsCommand extends Command {
  /// What the rows can be sorted by; the largest first, names and priorities as they match.
  enum Order {
    PRIORITY,
    NAME,
    PACKETS,
    BYTES,
    FLOWS,
    RATE;

    Stream<TrafficRow> sort(Stream<TrafficRow> rows) {
      return switch (this) {
        case PRIORITY -> rows;
        case NAME -> rows.sorted(Comparator.comparing(row -> row.traffic().name()));
        case PACKETS -> largest(rows, row -> (double) row.traffic().packets());
        case BYTES -> largest(rows, row -> (double) row.traffic().bytes());
        case FLOWS -> largest(rows, row -> (double) row.traffic().activeFlows());
        case RATE -> largest(rows, row -> row.bytesPerSecond().orElse(-1));
      };
    }

    private static Stream<TrafficRow> largest(
        Stream<TrafficRow> rows, ToDoubleFunction<TrafficRow> value) {
      return rows.sorted(Comparator.comparingDouble(value).reversed());
    }
  }

  private static final Duration INTERVAL_LEAST = Duration.ofMillis(100);

  private final PolicyOption policies = new PolicyOption(this);
  private final Option<Order> order =
      choice(
          "-s --sort",
          "ORDER",
          Order.class,
          "priority (the order of matching), name, packets, bytes, flows or rate");
  private final Option<Long> limit =
      option("-n --limit", "N", text -> EnumNames.wholeNumber(text, 1), "show the first N only");

  private final Option<List<TrafficLimit>> alerts =
      options(
          "--alert",
          "LIMIT",
          TrafficLimit::parse,
          Completes.NOTHING,
          "end with exit code 10 if bytes>10GB, voice:flows>100, total:byte-rate>1Gbit/s, age>5min;"
              + " may be repeated");

  private final Option<Duration> watch =
      optionWithUsual(
          "-w --watch",
          "INTERVAL",
          "2s",
          StatsCommand::interval,
          "show it again and again, every 2s unless said otherwise; q or Ctrl-C ends it with a summary");
  private final Option<Long> count =
      option(
          "--count", "N", text -> EnumNames.wholeNumber(text, 1), "end --watch after N readings");

  public StatsCommand() {
    super(
        "Shows the cumulative packets and IP bytes of each routing policy and its active flows: from"
            + " the daemon where one answers, else from the latest snapshot in the database. Rates are"
            + " those since the snapshot before, 0 where nothing came. AGE is the age of the"
            + " snapshot; a live answer has IDLE in its place, the time since the policy's last packet.",
        "A limit is [POLICY:]MEASURE and >, >=, <, <= or = and a number: packets, bytes, flows,"
            + " packet-rate, byte-rate (in bytes or bits a second), age (of the answer: long where no"
            + " daemon counts) or idle (since the last packet, where a daemon answers). Without POLICY it is for"
            + " each that is shown, with total: for all of them together.",
        "With --watch a terminal is drawn again in place, with rates since the reading before, a line"
            + " of the last readings, and what was gained since it began. Elsewhere lines are added:"
            + " with -o csv or ndjson a row for each policy and reading, with --json a document a"
            + " line. It follows the daemon, and the snapshots in the database while there is none.");
    example("stats", "all policies in the order in which they match");
    example("stats --sort bytes --limit 10", "the ten that carried most");
    example("stats --alert 'total:byte-rate>900Mbit/s' --alert 'age>5min'", "for a monitoring job");
    example("stats --json", "the same for a program");
    example(
        "stats --watch 5s --sort rate --count 2", "the fastest on top, read every five seconds");
  }

  /// A shorter one would keep the daemon busy with nothing but answers.
  private static Duration interval(String text) {
    Duration interval = DurationText.parse(text);
    if (interval.compareTo(INTERVAL_LEAST) < 0) {
      throw new IllegalArgumentException(
          "must be at least " + DurationText.format(INTERVAL_LEAST) + ", was '" + text + "'");
    }
    return interval;
  }

  @Override
  protected void check() {
    if (count.given() && !watch.given()) {
      throw new UserError(ExitCode.USAGE, "--count says when --watch ends; add --watch");
    }
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    if (watch.given()) {
      return new TrafficWatch(call, question(call)).run();
    }
    TrafficNow now = TrafficSource.ask(call);
    List<PolicyTraffic> named = named(now.policies());
    List<TrafficRow> all = TrafficSource.rows(call, now, named);
    List<TrafficRow> shown = ordered(all.stream()).toList();
    TrafficAlerts exceeded = TrafficAlerts.of(alerts.or(List.of()), all, now, call.now());
    return exceeded.addTo(new TrafficAnswer(call, now, shown, TrafficSum.of(all)).answer(), call);
  }

  /// The policies that are named are found in the first reading; one that is deleted later is no
  /// longer shown.
  private TrafficWatch.Question question(Invocation call) {
    Set<Long> ids = new HashSet<>();
    return new TrafficWatch.Question(
        watch.get(),
        count.or(Long.MAX_VALUE),
        all -> {
          if (policies.given() && ids.isEmpty()) {
            ids.addAll(policies.idsOf(finder(all), PolicyTraffic::policyId));
          }
          return policies.given()
              ? all.stream().filter(policy -> ids.contains(policy.policyId())).toList()
              : all;
        },
        this::ordered,
        (now, rows) ->
            TrafficAlerts.of(alerts.or(List.of()), rows, now, call.session().clock().instant()));
  }

  private Stream<TrafficRow> ordered(Stream<TrafficRow> rows) {
    return order.or(Order.PRIORITY).sort(rows).limit(limit.or(Long.MAX_VALUE));
  }

  private List<PolicyTraffic> named(List<PolicyTraffic> all) {
    List<Long> ids = policies.idsOf(finder(all), PolicyTraffic::policyId);
    return policies.given() ? all.stream().filter(p -> ids.contains(p.policyId())).toList() : all;
  }

  /// Finds one of these policies.
  public static Finder<PolicyTraffic> finder(List<PolicyTraffic> all) {
    return new Finder<>(
        "policy",
        all,
        policy -> Long.toUnsignedString(policy.policyId()),
        PolicyTraffic::name,
        "policy list");
  }
}
