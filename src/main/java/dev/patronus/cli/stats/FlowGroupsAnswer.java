package dev.patronus.cli.stats;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.Counted;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.rule.ProtocolName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `stats flows --by` answers and `export flows --by` writes.
///
/// @param by the parts that the flows are grouped by, in the order of their columns
/// @param names the policies' names
public record FlowGroupsAnswer(List<GroupKey> by, Map<Long, String> names) {
  private static final List<Column<Reply.Group>> SUMS =
      List.of(
          Column.of("active_flows", "FLOWS", Kind.COUNT, Reply.Group::flows),
          Column.of("packets", "PACKETS", Kind.COUNT, Reply.Group::packets),
          Column.of("bytes", "BYTES", Kind.BYTES, Reply.Group::bytes),
          Column.of(
              "bytes_per_second", "RATE", Kind.BYTE_RATE, group -> perSecond(group.bytes(), group)),
          Column.of(
              "packets_per_second",
              "PACKETS/S",
              Kind.RATE,
              group -> perSecond(group.packets(), group)),
          Column.of("last_seen", "LAST SEEN", Kind.TIME, Reply.Group::lastSeen),
          Column.of("first_seen", "FIRST SEEN", Kind.TIME, Reply.Group::firstSeen));

  public FlowGroupsAnswer {
    by = by.stream().distinct().toList();
    names = Map.copyOf(names);
  }

  /// The answer.
  ///
  /// @param order what the groups are sorted by
  Answer of(Reply.FlowGroups reply, Request.Order order) {
    Answer answer =
        new Answer()
            .member("source", "live")
            .member("as_of", reply.asOf())
            .member("active_flows", reply.total())
            .member("matching_flows", reply.matching())
            .member("group_count", reply.count())
            .member("left_out", leftOut(reply.leftOut()))
            .member("left_out_most", reply.leftOutMost())
            .note(shown(reply))
            .table(
                Table.of("groups", columns(), reply.groups())
                    .inOrderOf(StatsFlowsCommand.column(order)));
    approximation(reply, order).ifPresent(answer::say);
    return answer;
  }

  /// What is left out where the daemon has no memory for all groups; empty if it has.
  public static Optional<String> approximation(Reply.FlowGroups reply, Request.Order order) {
    if (reply.leftOut().activeFlows() == 0) {
      return Optional.empty();
    }
    String most =
        switch (order) {
          case BYTES -> "; none with more than " + HumanFormat.bytes(reply.leftOutMost());
          case PACKETS -> "; none with more than " + packets(reply.leftOutMost());
          case FLOWS -> "; none with more than " + Counted.of(reply.leftOutMost(), "flow");
          case AGE, RATE -> "";
        };
    return Optional.of(
        "Left out: "
            + Counted.of(reply.leftOut().activeFlows(), "flow")
            + " with "
            + HumanFormat.bytes(reply.leftOut().bytes())
            + " in further groups, for which the daemon has no memory. Each group that is there is"
            + " complete, but which are the largest is an approximation"
            + (most.isEmpty() ? most : most + " is left out")
            + ". Use fewer keys, or a filter.");
  }

  private static String packets(long count) {
    return Counted.of(count, "packet");
  }

  private static String shown(Reply.FlowGroups reply) {
    return Counted.grouped(reply.groups().size())
        + (reply.leftOut().activeFlows() > 0 ? " of more than " : " of ")
        + Counted.of(reply.count(), "group")
        + ", of "
        + StatsFlowsCommand.flows(reply.matching(), reply.total())
        + ".";
  }

  private static Map<String, Object> leftOut(Reply.Bucket bucket) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("active_flows", bucket.activeFlows());
    members.put("packets", bucket.packets());
    members.put("bytes", bucket.bytes());
    return members;
  }

  /// The keys, then the sums.
  public List<Column<Reply.Group>> columns() {
    List<Column<Reply.Group>> columns = new ArrayList<>();
    by.forEach(key -> columns.add(column(key)));
    columns.addAll(SUMS);
    if (by.contains(GroupKey.POLICY)) {
      columns.add(
          Column.of(
              "policy_id",
              "POLICY ID",
              Kind.ID,
              group -> group.policyId().map(Long::toUnsignedString)));
    }
    return columns;
  }

  private Column<Reply.Group> column(GroupKey key) {
    return switch (key) {
      case SRC -> Column.of("src_ip", "SOURCE", Kind.KEY, group -> group.key().src().toString());
      case DST ->
          Column.of("dst_ip", "DESTINATION", Kind.KEY, group -> group.key().dst().toString());
      case SPORT -> Column.of("src_port", "SPORT", Kind.NUMBER, group -> group.key().srcPort());
      case DPORT -> Column.of("dst_port", "DPORT", Kind.NUMBER, group -> group.key().dstPort());
      case PROTO ->
          Column.of(
              "protocol", "PROTO", Kind.KEY, group -> ProtocolName.of(group.key().protocol()));
      case POLICY ->
          Column.of(
              "policy",
              "POLICY",
              Kind.TEXT,
              group -> StatsFlowsCommand.policy(group.policyId(), names));
      case PATH ->
          Column.of("path_id", "PATH", Kind.KEY, group -> group.pathId().map(String::valueOf));
      case EXPORTER ->
          Column.of(
              "exporter", "EXPORTER", Kind.KEY, group -> group.exporter().map(String::valueOf));
    };
  }

  private static double perSecond(long amount, Reply.Group group) {
    return Volume.perSecond(
        amount, group.firstSeen().toEpochMilli(), group.lastSeen().toEpochMilli());
  }
}
