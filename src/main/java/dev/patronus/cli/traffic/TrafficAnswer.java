package dev.patronus.cli.traffic;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.error.Counted;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.TrafficNow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What `stats` answers, from wherever the numbers come.
///
/// People get the columns in the order in which they look for them, so that a narrow screen lacks
/// the ids and not the rates; programs get the names and the order that they know.
///
/// @param rows those that are shown
/// @param all those that were asked for, shown or not
/// @param unmatched what no policy matched; empty where nobody counted it
/// @param named whether policies are named: then people see no unmatched traffic
/// @param gateways whose policies they are; empty for this machine's own
/// @param sortedBy the column that rows are sorted by; empty where they are in matching order
public record TrafficAnswer(
    Invocation call,
    TrafficNow now,
    List<TrafficRow> rows,
    List<TrafficRow> all,
    Optional<TrafficRow> unmatched,
    boolean named,
    List<String> gateways,
    Optional<String> sortedBy) {
  /// Snapshots of several gateways that are no further apart are shown as those of one time.
  private static final Duration ONE_TIME = Duration.ofMinutes(5);

  private static final Column<TrafficRow> GATEWAY =
      Column.of("gateway", Kind.TEXT, TrafficRow::gateway);
  private static final Column<TrafficRow> ID =
      Column.of("policy_id", "ID", Kind.ID, row -> PolicyId.format(row.traffic().policyId()));
  private static final Column<TrafficRow> NAME =
      Column.of("name", "POLICY", Kind.TEXT, row -> row.traffic().name());
  private static final Column<TrafficRow> PRIORITY =
      Column.of("priority", "PRIO", Kind.NUMBER, row -> row.traffic().priority());
  private static final Column<TrafficRow> ENABLED =
      Column.of("enabled", "ON", Kind.FLAG, row -> row.traffic().enabled());
  private static final Column<TrafficRow> PACKETS =
      Column.of("packets_matched", "PACKETS", Kind.COUNT, row -> row.traffic().packets());
  private static final Column<TrafficRow> BYTES =
      Column.of("bytes_matched", "BYTES", Kind.BYTES, row -> row.traffic().bytes());
  private static final Column<TrafficRow> FLOWS =
      Column.of("active_flows", "FLOWS", Kind.COUNT, row -> row.traffic().activeFlows());
  private static final Column<TrafficRow> UPDATED =
      Column.of("last_updated", "UPDATED", Kind.TIME, row -> row.traffic().lastUpdated());
  private static final Column<TrafficRow> PACKET_RATE =
      Column.of("packets_per_second", "PACKETS/S", Kind.RATE, TrafficRow::packetsPerSecond);
  private static final Column<TrafficRow> BYTE_RATE =
      Column.of("bytes_per_second", "RATE", Kind.BYTE_RATE, TrafficRow::bytesPerSecond);

  /// What programs get of each policy.
  public static final List<Column<TrafficRow>> PROGRAMS =
      List.of(ID, NAME, PRIORITY, ENABLED, PACKETS, BYTES, FLOWS, UPDATED, PACKET_RATE, BYTE_RATE);

  /// What programs get of each policy, last of all: the age of its numbers at an instant, and the
  /// time since its last packet.
  public static List<Column<TrafficRow>> ages(TrafficNow now, Instant at) {
    return List.of(
        Column.of("age_seconds", "AGE", Kind.SECONDS, row -> now.ageSeconds(row.traffic(), at)),
        Column.of("idle_seconds", "IDLE", Kind.SECONDS, row -> now.idleSeconds(row.traffic())));
  }

  public Answer answer() {
    Answer answer =
        new Answer()
            .member("source", EnumNames.of(now.source()))
            .member("as_of", now.asOf().orElse(null))
            .member("estimated", now.estimated())
            .member("payload_bytes", now.payloadBytes())
            .note(source());
    Table<?> table = forPeople() ? people() : Table.of("policies", programs(), rows);
    return addSums(answer.table(table), unmatched, TrafficSum.of(all));
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

  private List<Column<TrafficRow>> programs() {
    List<Column<TrafficRow>> columns = new ArrayList<>(PROGRAMS);
    if (!gateways.isEmpty()) {
      columns.addFirst(GATEWAY);
    }
    columns.addAll(ages(now, call.now()));
    return columns;
  }

  /// A line that people read: of one policy, or of several together.
  ///
  /// @param policy null of several, which have no id, no priority and no age
  private record Line(String name, TrafficSum sum, @Nullable TrafficRow policy) {}

  /// A live answer is of this moment, so that people see how long each policy has been idle; of a
  /// snapshot they see its age.
  private Table<Line> people() {
    List<Column<TrafficRow>> ages = ages(now, call.now());
    List<Column<Line>> columns = new ArrayList<>();
    if (gateways.size() > 1) {
      columns.add(GATEWAY.of(Line::policy));
    }
    columns.addAll(
        List.of(
            new Column<>(NAME.heading(), Line::name),
            PRIORITY.of(Line::policy),
            ENABLED.of(Line::policy),
            new Column<>(PACKETS.heading(), line -> line.sum().packets()),
            new Column<>(BYTES.heading(), line -> line.sum().bytes()),
            new Column<>(BYTE_RATE.heading(), line -> line.sum().bytesPerSecond()),
            new Column<>(FLOWS.heading(), line -> line.sum().activeFlows()),
            (now.source() == TrafficNow.Source.LIVE ? ages.getLast() : ages.getFirst())
                .of(Line::policy),
            new Column<>(
                ID.heading(), line -> line.policy() == null ? "-" : ID.cell(line.policy()))));
    List<Line> lines = new ArrayList<>();
    rows.forEach(row -> lines.add(new Line(row.traffic().name(), TrafficSum.of(row), row)));
    Table<Line> table = Table.of("policies", columns, lines).withFooter(sums());
    return sortedBy.map(table::inOrderOf).orElse(table);
  }

  /// The lines below those of the policies, which add up.
  private List<Line> sums() {
    List<Line> sums = new ArrayList<>();
    Set<TrafficRow> hidden = Collections.newSetFromMap(new IdentityHashMap<>());
    hidden.addAll(all);
    rows.forEach(hidden::remove);
    if (!hidden.isEmpty()) {
      sums.add(
          sum(
              "(" + HumanFormat.grouped(hidden.size()) + " more)",
              TrafficSum.of(List.copyOf(hidden))));
    }
    if (named || unmatched.isEmpty()) {
      sums.add(sum("(total)", TrafficSum.of(all)));
      return sums;
    }
    sums.add(sum("(total matched)", TrafficSum.of(all)));
    sums.add(sum("(unmatched)", TrafficSum.of(unmatched.get())));
    sums.add(sum("(all traffic)", TrafficSum.of(all, unmatched.get())));
    return sums;
  }

  private static Line sum(String name, TrafficSum sum) {
    return new Line(name, sum, null);
  }

  private static Map<String, Object> members(TrafficRow row) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("packets", row.traffic().packets());
    members.put("bytes", row.traffic().bytes());
    members.put("active_flows", row.traffic().activeFlows());
    members.put("packets_per_second", row.packetsPerSecond());
    members.put("bytes_per_second", row.bytesPerSecond());
    // the names that rows and totals have
    members.put("packets_matched", row.traffic().packets());
    members.put("bytes_matched", row.traffic().bytes());
    return members;
  }

  private String source() {
    HumanFormat humane = call.screen().humane();
    return switch (gateways.size()) {
      case 0 -> source(now, humane, call.now());
      case 1 -> source(now, " of " + gateways.getFirst(), "", humane, call.now());
      default -> sourceOfSeveral(humane);
    };
  }

  private String sourceOfSeveral(HumanFormat humane) {
    Map<String, Instant> newest = new TreeMap<>();
    for (TrafficRow row : all) {
      if (row.traffic().lastUpdated() != null) {
        newest.merge(row.gateway(), row.traffic().lastUpdated(), (a, b) -> a.isAfter(b) ? a : b);
      }
    }
    String which =
        newest.size() == gateways.size() ? "" : HumanFormat.grouped(newest.size()) + " of ";
    return source(
        now,
        "s of " + which + Counted.of(gateways.size(), "gateway") + ", the newest",
        oldest(newest),
        humane,
        call.now());
  }

  /// Which gateway's snapshot is oldest and how old that is, where its totals are of another time
  /// than those of the others.
  private String oldest(Map<String, Instant> newest) {
    return newest.entrySet().stream()
        .min(Map.Entry.comparingByValue())
        .filter(oldest ->
            now.asOf().isPresent() && oldest.getValue().plus(ONE_TIME).isBefore(now.asOf().get()))
        .map(oldest ->
            ", the oldest (" + oldest.getKey() + ") " + distance(oldest.getValue(), call.now()))
        .orElse("");
  }

  /// A sentence that says where the numbers are from, and how old they are.
  public static String source(TrafficNow now, HumanFormat humane, Instant at) {
    return source(now, "", "", humane, at);
  }

  private static String source(
      TrafficNow now, String of, String oldest, HumanFormat humane, Instant at) {
    if (now.asOf().isEmpty()) {
      return of.isEmpty()
          ? "No snapshot yet: no traffic has been saved to this database."
          : "No snapshot yet: the hub has no traffic of what was asked for.";
    }
    String estimated =
        (now.estimated() ? " Estimated: some traffic is sampled." : "")
            + (now.payloadBytes() ? " Too low: an exporter counts payload bytes." : "");
    Instant asOf = now.asOf().get();
    String time = humane.time(asOf);
    return switch (now.source()) {
      case LIVE -> "Live from the daemon, " + time + "." + estimated;
      case SNAPSHOT -> "Snapshot" + of + " of " + time + ", " + distance(asOf, at) + oldest + ".";
    };
  }

  /// How old it is; a clock that was set back is said, not hidden.
  private static String distance(Instant asOf, Instant at) {
    return distance(Duration.between(asOf, at).toSeconds());
  }

  /// An age in words; negative in the future.
  static String distance(long seconds) {
    return seconds >= 0
        ? HumanFormat.seconds(seconds) + " ago"
        : HumanFormat.seconds(-seconds) + " in the future (is the clock right?)";
  }
}
