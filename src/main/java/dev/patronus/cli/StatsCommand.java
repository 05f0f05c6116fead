package dev.patronus.cli;

import dev.patronus.export.Answer;
import dev.patronus.export.Column;
import dev.patronus.export.Column.Kind;
import dev.patronus.export.Humane;
import dev.patronus.export.Table;
import dev.patronus.flow.Volume;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// `patronus stats`: what each policy carries now.
final class StatsCommand extends Subcommand {
  private static final Column[] COLUMNS = {
    Column.of("policy_id", "ID", Kind.ID),
    Column.of("name", "POLICY", Kind.TEXT),
    Column.of("priority", "PRIO", Kind.NUMBER),
    Column.of("enabled", "ON", Kind.FLAG),
    Column.of("packets_matched", "PACKETS", Kind.COUNT),
    Column.of("bytes_matched", "BYTES", Kind.BYTES),
    Column.of("active_flows", "FLOWS", Kind.COUNT),
    Column.of("last_updated", "UPDATED", Kind.TIME),
  };

  /// What the rows can be sorted by; the largest first, names and priorities as they match.
  enum Order {
    PRIORITY,
    NAME,
    PACKETS,
    BYTES,
    FLOWS;

    Stream<PolicyTraffic> sort(Stream<PolicyTraffic> rows) {
      return switch (this) {
        case PRIORITY -> rows;
        case NAME -> rows.sorted(Comparator.comparing(PolicyTraffic::name));
        case PACKETS -> rows.sorted(Comparator.comparingLong(PolicyTraffic::packets).reversed());
        case BYTES -> rows.sorted(Comparator.comparingLong(PolicyTraffic::bytes).reversed());
        case FLOWS -> rows.sorted(Comparator.comparingLong(PolicyTraffic::activeFlows).reversed());
      };
    }
  }

  private final Opt<List<String>> policies =
      options(
          "-p --policy",
          "POLICY",
          text -> text,
          Completes.POLICY,
          "only these policies, by id or name; may be repeated");
  private final Opt<Order> order =
      choice(
          "-s --sort",
          "ORDER",
          Order.class,
          "priority (the order of matching), name, packets, bytes or flows");
  private final Opt<Long> limit =
      option("-n --limit", "N", text -> Words.wholeNumber(text, 1), "show the first N only");

  StatsCommand() {
    super(
        "Shows the cumulative packets and IP bytes of each routing policy and its active flows: from"
            + " the daemon where one answers, else from the latest snapshot in the database.");
    example("stats", "all policies in the order in which they match");
    example("stats --sort bytes --limit 10", "the ten that carried most");
    example("stats --json", "the same for a program");
  }

  @Override
  protected Answer run(Call call) {
    TrafficNow now = TrafficSource.ask(call);
    return answer(call, now, choose(now.policies()));
  }

  private List<PolicyTraffic> choose(List<PolicyTraffic> all) {
    List<PolicyTraffic> named = all;
    if (policies.given()) {
      Finder<PolicyTraffic> finder = finder(all);
      List<Long> ids = policies.get().stream().map(text -> finder.find(text).policyId()).toList();
      named = all.stream().filter(policy -> ids.contains(policy.policyId())).toList();
    }
    return order.or(Order.PRIORITY).sort(named.stream()).limit(limit.or(Long.MAX_VALUE)).toList();
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

  private static Answer answer(Call call, TrafficNow now, List<PolicyTraffic> rows) {
    Answer answer = new Answer();
    answer
        .member("source", Words.of(now.source()))
        .member("as_of", now.asOf().orElse(null))
        .member("estimated", now.estimated())
        .say(source(call, now));
    Table table = new Table("policies", "", COLUMNS);
    long packets = 0;
    long bytes = 0;
    long flows = 0;
    for (PolicyTraffic row : rows) {
      table.row(
          Long.toUnsignedString(row.policyId()),
          row.name(),
          row.priority(),
          row.enabled(),
          row.packets(),
          row.bytes(),
          row.activeFlows(),
          row.lastUpdated());
      packets = Math.addExact(packets, row.packets());
      bytes = Math.addExact(bytes, row.bytes());
      flows += row.activeFlows();
    }
    now.unmatched().ifPresent(volume -> unmatched(table, volume));
    table.footer("-", "(total)", null, null, packets, bytes, flows, null);
    return answer
        .table(table)
        .member("unmatched", now.unmatched().map(StatsCommand::members).orElse(null))
        .member("totals", totals(packets, bytes, flows));
  }

  private static void unmatched(Table table, Volume volume) {
    table.footer("-", "(unmatched)", null, null, volume.packets(), volume.bytes(), null, null);
  }

  private static Map<String, Object> members(Volume volume) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("packets", volume.packets());
    members.put("bytes", volume.bytes());
    return members;
  }

  private static Map<String, Object> totals(long packets, long bytes, long flows) {
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("packets_matched", packets);
    totals.put("bytes_matched", bytes);
    totals.put("active_flows", flows);
    return totals;
  }

  private static String source(Call call, TrafficNow now) {
    if (now.asOf().isEmpty()) {
      return "No snapshot yet: nothing has been counted into this database.";
    }
    String estimated = now.estimated() ? " Estimated: some traffic is sampled." : "";
    Instant asOf = now.asOf().get();
    String time = call.screen().humane().time(asOf);
    return switch (now.source()) {
      case LIVE -> "Live from the daemon, " + time + "." + estimated;
      case SNAPSHOT -> "Snapshot of " + time + ", " + age(asOf, call.now()) + ".";
    };
  }

  /// How old it is; a clock that was set back is said, not hidden.
  private static String age(Instant asOf, Instant now) {
    long seconds = Duration.between(asOf, now).toSeconds();
    return seconds >= 0
        ? Humane.seconds(seconds) + " ago"
        : Humane.seconds(-seconds) + " in the future (is the clock right?)";
  }
}
