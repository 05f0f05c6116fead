package dev.patronus.cli;

import dev.patronus.export.Answer;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficNow;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// `patronus stats`: what each policy carries now.
final class StatsCommand extends Subcommand {
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

  private final PolicyOption policies = new PolicyOption(this);
  private final Opt<Order> order =
      choice(
          "-s --sort",
          "ORDER",
          Order.class,
          "priority (the order of matching), name, packets, bytes, flows or rate");
  private final Opt<Long> limit =
      option("-n --limit", "N", text -> Words.wholeNumber(text, 1), "show the first N only");

  private final Opt<List<TrafficLimit>> alerts =
      options(
          "--alert",
          "LIMIT",
          TrafficLimit::parse,
          Completes.NOTHING,
          "end with exit code 10 if bytes>10GB, voice:flows>100, total:byte-rate>1Gbit/s, age>5min;"
              + " may be repeated");

  StatsCommand() {
    super(
        "Shows the cumulative packets and IP bytes of each routing policy and its active flows: from"
            + " the daemon where one answers, else from the latest snapshot in the database. Rates are"
            + " those since the snapshot before.",
        "A limit is [POLICY:]MEASURE and >, >=, <, <= or = and a number: packets, bytes, flows,"
            + " packet-rate, byte-rate (in bytes or bits a second) or age. Without POLICY it is for"
            + " each that is shown, with total: for all of them together.");
    example("stats", "all policies in the order in which they match");
    example("stats --sort bytes --limit 10", "the ten that carried most");
    example("stats --alert 'total:byte-rate>900Mbit/s' --alert 'age>5min'", "for a monitoring job");
    example("stats --json", "the same for a program");
  }

  @Override
  protected Answer run(Call call) {
    TrafficNow now = TrafficSource.ask(call);
    List<PolicyTraffic> named = named(now.policies());
    List<TrafficRow> all = TrafficSource.rows(call, now, named);
    List<TrafficRow> shown =
        order.or(Order.PRIORITY).sort(all.stream()).limit(limit.or(Long.MAX_VALUE)).toList();
    TrafficAlerts exceeded = TrafficAlerts.of(alerts.or(List.of()), all, call.now());
    return exceeded.addTo(new TrafficAnswer(call, now, shown).answer(), call);
  }

  private List<PolicyTraffic> named(List<PolicyTraffic> all) {
    List<Long> ids = policies.idsOf(finder(all), PolicyTraffic::policyId);
    return policies.given() ? all.stream().filter(p -> ids.contains(p.policyId())).toList() : all;
  }

  /// Finds one of these policies.
  static Finder<PolicyTraffic> finder(List<PolicyTraffic> all) {
    return new Finder<>(
        "policy",
        all,
        policy -> Long.toUnsignedString(policy.policyId()),
        PolicyTraffic::name,
        "policy list");
  }
}
