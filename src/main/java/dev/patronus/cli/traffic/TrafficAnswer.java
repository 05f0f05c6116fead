package dev.patronus.cli.traffic;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.NullableCell;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// What `stats` answers, from wherever the numbers come.
///
/// People get the columns in the order in which they look for them, so that a narrow screen lacks
/// the ids and not the rates; programs get the names and the order that they know.
///
/// @param rows those that are shown
/// @param all those that were asked for, shown or not
/// @param unmatched what no policy matched; empty where nobody counted it
/// @param named whether policies are named: then people see no unmatched traffic
public record TrafficAnswer(
    Invocation call,
    TrafficNow now,
    List<TrafficRow> rows,
    List<TrafficRow> all,
    Optional<TrafficRow> unmatched,
    boolean named) {
  private static final Column ID = Column.of("policy_id", "ID", Kind.ID);
  private static final Column NAME = Column.of("name", "POLICY", Kind.TEXT);
  private static final Column PRIORITY = Column.of("priority", "PRIO", Kind.NUMBER);
  private static final Column ENABLED = Column.of("enabled", "ON", Kind.FLAG);
  private static final Column PACKETS = Column.of("packets_matched", "PACKETS", Kind.COUNT);
  private static final Column BYTES = Column.of("bytes_matched", "BYTES", Kind.BYTES);
  private static final Column FLOWS = Column.of("active_flows", "FLOWS", Kind.COUNT);
  private static final Column UPDATED = Column.of("last_updated", "UPDATED", Kind.TIME);
  private static final Column PACKET_RATE = Column.of("packets_per_second", "PACKETS/S", Kind.RATE);
  private static final Column BYTE_RATE = Column.of("bytes_per_second", "RATE", Kind.BYTE_RATE);
  private static final Column AGE = Column.of("age_seconds", "AGE", Kind.SECONDS);
  private static final Column IDLE = Column.of("idle_seconds", "IDLE", Kind.SECONDS);

  /// What programs get of each policy, last of all: the age of its numbers, and the time since its
  /// last packet.
  public static final List<Column> AGES = List.of(AGE, IDLE);

  /// What programs get of each policy.
  public static final List<Column> PROGRAMS =
      List.of(ID, NAME, PRIORITY, ENABLED, PACKETS, BYTES, FLOWS, UPDATED, PACKET_RATE, BYTE_RATE);

  public Answer answer() {
    Answer answer =
        new Answer()
            .member("source", EnumNames.of(now.source()))
            .member("as_of", now.asOf().orElse(null))
            .member("estimated", now.estimated())
            .member("payload_bytes", now.payloadBytes())
            .note(source(now, call.screen().humane(), call.now()));
    return addSums(
        answer.table(forPeople() ? people() : programs()), unmatched, TrafficSum.of(all));
  }

  /// Adds to the document what no policy takes, and what all carry together.
  public static Answer addSums(Answer answer, Optional<TrafficRow> unmatched, TrafficSum sum) {
    return answer
        .member("unmatched", unmatched.map(TrafficAnswer::members).orElse(null))
        .member("totals", sum.members());
  }

  /// Columns that are named are those of the documents.
  private boolean forPeople() {
    return call.format() == Format.TABLE && call.columns().isEmpty();
  }

  private Table programs() {
    List<Column> columns = new ArrayList<>(PROGRAMS);
    columns.addAll(AGES);
    Table table = new Table("policies", "", columns);
    for (TrafficRow row : rows) {
      List<Object> cells = new ArrayList<>(programCells(row));
      cells.addAll(ageCells(row, now, call.now()));
      table.row(cells.toArray());
    }
    return table;
  }

  /// The cells of [#PROGRAMS].
  public static List<Object> programCells(TrafficRow row) {
    PolicyTraffic traffic = row.traffic();
    return Arrays.asList(
        PolicyId.format(traffic.policyId()),
        traffic.name(),
        traffic.priority(),
        traffic.enabled(),
        traffic.packets(),
        traffic.bytes(),
        traffic.activeFlows(),
        traffic.lastUpdated(),
        NullableCell.of(row.packetsPerSecond()),
        NullableCell.of(row.bytesPerSecond()));
  }

  /// The cells of [#AGES], at an instant.
  public static List<Object> ageCells(TrafficRow row, TrafficNow now, Instant at) {
    return Arrays.asList(
        boxed(now.ageSeconds(row.traffic(), at)), boxed(now.idleSeconds(row.traffic())));
  }

  private static Long boxed(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }

  /// A live answer is of this moment, so that people see how long each policy has been idle; of a
  /// snapshot they see its age.
  private Table people() {
    boolean live = now.source() == TrafficNow.Source.LIVE;
    Column time = live ? IDLE : AGE;
    Table table =
        new Table(
            "policies", "", NAME, PRIORITY, ENABLED, PACKETS, BYTES, BYTE_RATE, FLOWS, time, ID);
    for (TrafficRow row : rows) {
      PolicyTraffic traffic = row.traffic();
      table.row(
          traffic.name(),
          traffic.priority(),
          traffic.enabled(),
          traffic.packets(),
          traffic.bytes(),
          NullableCell.of(row.bytesPerSecond()),
          traffic.activeFlows(),
          boxed(live ? now.idleSeconds(traffic) : now.ageSeconds(traffic, call.now())),
          PolicyId.format(traffic.policyId()));
    }
    addSums(table);
    return table;
  }

  /// Adds the rows below those of the policies, which add up.
  private void addSums(Table table) {
    Set<TrafficRow> hidden = Collections.newSetFromMap(new IdentityHashMap<>());
    hidden.addAll(all);
    rows.forEach(hidden::remove);
    if (!hidden.isEmpty()) {
      addSum(
          table,
          "(" + HumanFormat.grouped(hidden.size()) + " more)",
          TrafficSum.of(List.copyOf(hidden)));
    }
    if (named || unmatched.isEmpty()) {
      addSum(table, "(total)", TrafficSum.of(all));
      return;
    }
    addSum(table, "(total matched)", TrafficSum.of(all));
    addSum(table, "(unmatched)", TrafficSum.of(List.of(unmatched.get())));
    addSum(table, "(all traffic)", TrafficSum.of(all, unmatched.get()));
  }

  private static void addSum(Table table, String name, TrafficSum sum) {
    table.footer(
        name,
        null,
        null,
        sum.packets(),
        sum.bytes(),
        NullableCell.of(sum.bytesPerSecond()),
        sum.activeFlows(),
        null,
        "-");
  }

  private static Map<String, Object> members(TrafficRow row) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("packets", row.traffic().packets());
    members.put("bytes", row.traffic().bytes());
    members.put("active_flows", row.traffic().activeFlows());
    members.put("packets_per_second", NullableCell.of(row.packetsPerSecond()));
    members.put("bytes_per_second", NullableCell.of(row.bytesPerSecond()));
    return members;
  }

  /// A sentence that says where the numbers are from, and how old they are.
  public static String source(TrafficNow now, HumanFormat humane, Instant at) {
    if (now.asOf().isEmpty()) {
      return "No snapshot yet: no traffic has been saved to this database.";
    }
    String estimated =
        (now.estimated() ? " Estimated: some traffic is sampled." : "")
            + (now.payloadBytes() ? " Too low: an exporter counts payload bytes." : "");
    Instant asOf = now.asOf().get();
    String time = humane.time(asOf);
    return switch (now.source()) {
      case LIVE -> "Live from the daemon, " + time + "." + estimated;
      case SNAPSHOT -> "Snapshot of " + time + ", " + distance(asOf, at) + ".";
    };
  }

  /// How old it is; a clock that was set back is said, not hidden.
  private static String distance(Instant asOf, Instant at) {
    long seconds = Duration.between(asOf, at).toSeconds();
    return seconds >= 0
        ? HumanFormat.seconds(seconds) + " ago"
        : HumanFormat.seconds(-seconds) + " in the future (is the clock right?)";
  }
}
