package dev.patronus.cli.stats;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.PolicyOption;
import dev.patronus.cli.option.WatchOptions;
import dev.patronus.cli.traffic.FleetTraffic;
import dev.patronus.cli.traffic.TrafficAlerts;
import dev.patronus.cli.traffic.TrafficAnswer;
import dev.patronus.cli.traffic.TrafficRow;
import dev.patronus.cli.traffic.TrafficSource;
import dev.patronus.cli.watch.TrafficWatch;
import dev.patronus.output.Answer;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficNow;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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

    /// The column that rows are sorted by; empty in matching order.
    Optional<String> column() {
      return switch (this) {
        case PRIORITY -> Optional.empty();
        case NAME -> Optional.of("name");
        case PACKETS -> Optional.of("packets_matched");
        case BYTES -> Optional.of("bytes_matched");
        case FLOWS -> Optional.of("active_flows");
        case RATE -> Optional.of("bytes_per_second");
      };
    }

    /// The value that rows are sorted by where it goes up and down all the time.
    Optional<ToDoubleFunction<TrafficRow>> fluctuating() {
      return switch (this) {
        case PRIORITY, NAME, PACKETS, BYTES -> Optional.empty();
        case FLOWS -> Optional.of(row -> (double) row.traffic().activeFlows());
        case RATE -> Optional.of(row -> row.bytesPerSecond().orElse(-1));
      };
    }

    private static Stream<TrafficRow> largest(
        Stream<TrafficRow> rows, ToDoubleFunction<TrafficRow> value) {
      return rows.sorted(Comparator.comparingDouble(value).reversed());
    }
  }

  private final PolicyOption policies = new PolicyOption(this);
  private final Option<Order> order =
      choice(
          "-s --sort",
          "ORDER",
          Order.class,
          "priority (matching order), name, packets, bytes, flows or rate");
  private final Option<Long> limit =
      option("-n --limit", "N", text -> EnumNames.wholeNumber(text, 1), "show only the first N");

  private final Option<List<TrafficLimit>> alerts =
      options(
          "--alert",
          "LIMIT",
          TrafficLimit::parse,
          Completes.NOTHING,
          "exit with code 10 if bytes>10GB, voice:flows>100, total:byte-rate>1Gbit/s,"
              + " age>5min; may be repeated");

  private final FleetOptions fleet = new FleetOptions(this);
  private final WatchOptions watch = new WatchOptions(this, " with a summary");

  public StatsCommand() {
    super(
        "Shows the cumulative packets and IP bytes of each routing policy and its"
            + " active flows: from the daemon if it runs, else from the latest snapshot in"
            + " the database. They count from the first snapshot on, or from the last 'stats"
            + " reset' or other reset of the counters; 'patronus stats history' has the traffic of"
            + " a period. Rates are those since the last snapshot that is a minute old"
            + " or older, and 0 without traffic. AGE is the age of the snapshot; live data shows IDLE"
            + " instead, the time since the policy's last packet.",
        "A limit is [POLICY:]MEASURE followed by >, >=, <, <= or = and a number."
            + " Measures are packets, bytes, flows, packet-rate, byte-rate (in bytes or"
            + " bits per second), age (of the data; it grows while no daemon counts) and"
            + " idle (time since the last packet; only with a daemon). Without POLICY the"
            + " limit applies to each policy, also to those that --limit leaves out, with total: to"
            + " their sum, with unmatched:"
            + " to the traffic that no policy matched.",
        "With --watch a terminal is refreshed in place and shows rates, a chart of recent"
            + " rates, and the traffic since the watch began. Exporters report once in many"
            + " seconds, so rates are averages over the last 60 s (the first line says over"
            + " how long), and rows sorted by rate or flows change places only when"
            + " these change by a tenth. Other output is appended: with -o csv or ndjson one row per policy"
            + " and update, with --json one document per line. The data comes from the"
            + " daemon, or from snapshots in the database while no daemon runs.");
    example("stats", "all policies in matching order");
    example("stats --sort bytes --limit 10", "the ten policies with the most traffic");
    example("stats --alert 'total:byte-rate>900Mbit/s' --alert 'age>5min'", "for monitoring");
    example("stats --json", "as JSON");
    example(
        "stats -p voice --fleet --sort bytes -n 10",
        "the ten gateways of the hub where a policy carries most");
    example(
        "stats --watch 5s --sort rate --count 2",
        "highest rates first, two updates five seconds apart");
  }

  @Override
  protected void check() {
    watch.check();
    fleet.check();
    fleet.refuse(watch.given(), "--watch", "shows the traffic of this machine alone");
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    if (watch.given()) {
      return new TrafficWatch(call, question(call)).run();
    }
    if (fleet.given()) {
      return ofFleet(call);
    }
    TrafficNow now = TrafficSource.ask(call);
    List<PolicyTraffic> named = named(now.policies());
    List<TrafficRow> all = TrafficSource.rows(call, now, named);
    List<TrafficRow> shown = ordered(all.stream()).toList();
    Optional<TrafficRow> unmatched = TrafficSource.unmatched(call, now);
    TrafficAlerts exceeded =
        TrafficAlerts.of(alerts.or(List.of()), all, unmatched, now, call.now());
    TrafficAnswer answer =
        new TrafficAnswer(
            call,
            now,
            shown,
            all,
            unmatched,
            policies.given(),
            List.of(),
            order.or(Order.PRIORITY).column());
    return exceeded.addTo(answer.answer(), call);
  }

  private Answer ofFleet(Invocation call) {
    FleetTraffic traffic = FleetTraffic.read(call, fleet);
    List<TrafficRow> all = policies.given() ? policies.among(traffic::named) : traffic.rows();
    List<TrafficRow> shown = ordered(all.stream()).toList();
    Optional<TrafficRow> unmatched = traffic.unmatched();
    TrafficAlerts exceeded =
        TrafficAlerts.of(alerts.or(List.of()), all, unmatched, traffic.now(), call.now());
    TrafficAnswer answer =
        new TrafficAnswer(
            call,
            traffic.now(),
            shown,
            all,
            unmatched,
            policies.given(),
            traffic.gateways(),
            order.or(Order.PRIORITY).column());
    return exceeded.addTo(answer.answer(), call);
  }

  /// The policies that are named are found in the first reading; one that is deleted later is no
  /// longer shown.
  private TrafficWatch.Question question(Invocation call) {
    Set<Long> ids = new HashSet<>();
    return new TrafficWatch.Question(
        watch.interval(),
        watch.readingsMax(),
        policies.given(),
        all -> {
          if (policies.given() && ids.isEmpty()) {
            ids.addAll(policies.idsOf(finder(all), PolicyTraffic::policyId));
          }
          return policies.given()
              ? all.stream().filter(policy -> ids.contains(policy.policyId())).toList()
              : all;
        },
        order.or(Order.PRIORITY)::sort,
        order.or(Order.PRIORITY).column(),
        order.or(Order.PRIORITY).fluctuating(),
        limit.or(Long.MAX_VALUE),
        (now, rows, unmatched) ->
            TrafficAlerts.of(
                alerts.or(List.of()), rows, unmatched, now, call.session().clock().instant()));
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
