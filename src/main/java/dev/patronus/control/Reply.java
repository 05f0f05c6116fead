package dev.patronus.control;

import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.json.JsonCells;
import dev.patronus.json.UnreadableJson;
import dev.patronus.policy.PolicyTraffic;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// The daemon's answer to a [Request].
///
/// Immutable. On the wire it is one line of JSON whose member `reply` names its kind.
public sealed interface Reply {

  /// The traffic of each policy.
  ///
  /// @param database the daemon's database file
  /// @param estimated whether any of it was scaled up from samples
  /// @param payloadBytes whether an exporter counts payload in place of IP bytes
  record Stats(
      String database,
      Instant asOf,
      List<PolicyTraffic> policies,
      Bucket unmatched,
      boolean estimated,
      boolean payloadBytes)
      implements Reply {
    public Stats {
      policies = List.copyOf(policies);
    }

    /// The policies' names by their ids.
    public Map<Long, String> names() {
      Map<Long, String> names = new HashMap<>();
      policies.forEach(each -> names.put(each.policyId(), each.name()));
      return names;
    }
  }

  /// The same on its way: each policy is a list of its values instead of an object, which programs
  /// of the first releases do not read. It arrives as [Stats].
  record StatsRows(Stats stats) implements Reply {}

  /// A counter that belongs to no policy.
  record Bucket(long packets, long bytes, long activeFlows) {}

  /// A part of the flow table.
  ///
  /// @param total the number of flows in the table
  /// @param matching the number of flows that match the request
  /// @param names the names of the flows' policies by their ids; empty from a daemon of the first
  ///   releases
  record Flows(Instant asOf, long total, long matching, List<Flow> flows, Map<Long, String> names)
      implements Reply {
    public Flows {
      flows = List.copyOf(flows);
      names = Map.copyOf(names);
    }
  }

  /// Groups of flows.
  ///
  /// @param total the number of flows in the table
  /// @param matching the number of flows that match the request
  /// @param count the number of groups
  /// @param leftOut the flows for whose groups the daemon had no room
  /// @param leftOutMost the most that a group for which there was no room can have, in what the
  ///   groups are sorted by; 0 if nothing was left out, or that has no bound
  record FlowGroups(
      Instant asOf,
      long total,
      long matching,
      long count,
      Bucket leftOut,
      long leftOutMost,
      List<Group> groups)
      implements Reply {
    public FlowGroups {
      groups = List.copyOf(groups);
    }
  }

  /// Flows that have the same values.
  ///
  /// @param key addresses, ports and protocol; 0 where flows are not grouped by them
  /// @param policyId empty if they have none, or are not grouped by it
  /// @param pathId likewise
  /// @param exporter likewise
  record Group(
      FlowKey key,
      Optional<Long> policyId,
      Optional<Long> pathId,
      Optional<IpAddress> exporter,
      long flows,
      long packets,
      long bytes,
      Instant firstSeen,
      Instant lastSeen) {}

  /// A part of the flow table.
  ///
  /// @param started when the daemon started; parts with different values belong to different tables
  /// @param total the number of flows in the table
  /// @param next where the next part starts; -1 at the end of the table
  record FlowStretch(Instant asOf, Instant started, long total, long next, List<Flow> flows)
      implements Reply {
    public FlowStretch {
      flows = List.copyOf(flows);
    }
  }

  /// One flow of the table.
  ///
  /// @param policyId the policy that it counts for; empty if none matched
  /// @param pathId the path that it takes; empty if it has none, or if that is not known
  /// @param exporter who reported it last; empty if its source has no exporters
  record Flow(
      FlowKey key,
      Optional<Long> policyId,
      Optional<Long> pathId,
      Optional<IpAddress> exporter,
      long packets,
      long bytes,
      Instant firstSeen,
      Instant lastSeen) {}

  /// The traffic of each path; paths without traffic may be left out.
  ///
  /// @param since the start of the counting of packets and bytes
  /// @param estimated whether any policy's traffic was scaled up from samples
  record Paths(
      String database, Instant asOf, Instant since, boolean estimated, List<PathTraffic> paths)
      implements Reply {
    public Paths {
      paths = List.copyOf(paths);
    }
  }

  /// The traffic of one path.
  ///
  /// @param flows the number of live flows on it
  /// @param packets counted since the start, including ended flows
  /// @param bytes likewise
  record PathTraffic(long pathId, long flows, long packets, long bytes) {}

  /// A change was applied.
  ///
  /// @param count the number of affected items
  record Done(String message, long count) implements Reply {}

  /// A JSON document: status, caches, explanations.
  record Document(Json.Obj members) implements Reply {
    /// What the document says.
    ///
    /// @param reading throws [IllegalArgumentException], which [UnreadableJson] is, or
    ///   [ArithmeticException] if it is another document
    /// @throws IOException that says what is wrong with it
    public <T> T read(Function<Json.Obj, T> reading) throws IOException {
      try {
        return reading.apply(members);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw ControlClient.unreadable(e);
      }
    }
  }

  /// The request was refused, or failed.
  record Refused(ExitCode code, String message) implements Reply {}

  /// Writes the reply as one line of JSON, without its line end, a row at a time; it is never in
  /// memory as a whole.
  default void write(Appendable to) throws IOException {
    switch (this) {
      case Stats stats -> write(to, head(stats), "policies", stats.policies(), Reply::append);
      case StatsRows(Stats stats) ->
          write(to, head(stats), "policies", stats.policies(), Reply::appendRow);
      case Flows flows -> write(to, head(flows), "flows", flows.flows(), Reply::append);
      case FlowGroups groups -> write(to, head(groups), "groups", groups.groups(), Reply::append);
      case FlowStretch stretch -> write(to, head(stretch), "flows", stretch.flows(), Reply::append);
      case Paths paths -> write(to, head(paths), "paths", paths.paths(), Reply::append);
      case Done(String message, long count) ->
          write(to, reply("done").put("message", message).put("count", count));
      case Document(Json.Obj members) -> {
        String head = reply("document").build().toString();
        to.append(head, 0, head.length() - 1).append(",\"members\":");
        members.write(to);
        to.append('}');
      }
      case Refused(ExitCode code, String message) ->
          write(to, reply("refused").put("error", code.word()).put("message", message));
    }
  }

  /// The whole line as a text, for replies that are known to be small.
  default String line() {
    StringBuilder line = new StringBuilder();
    try {
      write(line);
    } catch (IOException e) {
      throw new IllegalStateException(e); // a StringBuilder throws none
    }
    return line.toString();
  }

  private static Json.Builder reply(String kind) {
    return Json.object().put("reply", kind).put(OtherProtocol.MEMBER, OtherProtocol.OURS);
  }

  private static void write(Appendable to, Json.Builder json) throws IOException {
    json.build().write(to);
  }

  /// An object whose last member is a list.
  private static <T> void write(
      Appendable to,
      Json.Builder head,
      String name,
      List<T> rows,
      BiConsumer<StringBuilder, T> append)
      throws IOException {
    String members = head.build().toString();
    to.append(members, 0, members.length() - 1).append(",\"").append(name).append("\":[");
    StringBuilder row = new StringBuilder();
    for (T each : rows) {
      append.accept(row, each);
      to.append(row);
      row.setLength(0);
      row.append(',');
    }
    to.append("]}");
  }

  private static Json.Builder head(Flows flows) {
    return reply("flows")
        .put("as_of", flows.asOf().toString())
        .put("total", flows.total())
        .put("matching", flows.matching())
        .put("names", json(flows.names()));
  }

  private static Json.Builder head(FlowGroups groups) {
    return reply("flow_groups")
        .put("as_of", groups.asOf().toString())
        .put("total", groups.total())
        .put("matching", groups.matching())
        .put("count", groups.count())
        .put("left_out", json(groups.leftOut()))
        .put("left_out_most", groups.leftOutMost());
  }

  private static Json json(Map<Long, String> names) {
    Json.Builder json = Json.object();
    names.forEach((id, name) -> json.put(Long.toUnsignedString(id), name));
    return json.build();
  }

  private static Map<Long, String> names(Json.Obj json) {
    Map<Long, String> names = new HashMap<>();
    json.members().keySet().forEach(id -> names.put(Long.parseUnsignedLong(id), json.text(id)));
    return names;
  }

  private static Json json(Bucket bucket) {
    return Json.object()
        .put("packets", bucket.packets())
        .put("bytes", bucket.bytes())
        .put("active_flows", bucket.activeFlows())
        .build();
  }

  private static Json.Builder head(FlowStretch stretch) {
    return reply("flow_stretch")
        .put("as_of", stretch.asOf().toString())
        .put("started_at", stretch.started().toString())
        .put("total", stretch.total())
        .put("next", stretch.next());
  }

  private static Json.Builder head(Paths paths) {
    return reply("paths")
        .put("database", paths.database())
        .put("as_of", paths.asOf().toString())
        .put("since", paths.since().toString())
        .put("estimated", paths.estimated());
  }

  private static Json.Builder head(Stats stats) {
    return reply("stats")
        .put("database", stats.database())
        .put("as_of", stats.asOf().toString())
        .put("estimated", stats.estimated())
        .put("payload_bytes", stats.payloadBytes())
        .put("unmatched", json(stats.unmatched()));
  }

  private static void appendRow(StringBuilder to, PolicyTraffic policy) {
    to.append('[').append(Long.toUnsignedString(policy.policyId())).append(',');
    to.append(Json.quoted(policy.name())).append(',');
    to.append(policy.priority()).append(',').append(policy.enabled()).append(',');
    to.append(policy.packets()).append(',').append(policy.bytes()).append(',');
    to.append(policy.activeFlows());
    Instant last = policy.lastUpdated();
    to.append(',').append(last != null);
    if (last != null) {
      to.append(',').append(last.getEpochSecond()).append(',').append(last.getNano());
    }
    to.append(']');
  }

  /// Reads what [#appendRow] wrote.
  private static PolicyTraffic policy(JsonCells cells) {
    return new PolicyTraffic(
        cells.unsigned(),
        cells.text(),
        cells.integer(),
        cells.bool(),
        cells.integer(),
        cells.integer(),
        cells.integer(),
        cells.bool() ? Instant.ofEpochSecond(cells.integer(), cells.integer()) : null);
  }

  private static void append(StringBuilder to, PolicyTraffic policy) {
    Json.Builder json =
        Json.object()
            .put("policy_id", Long.toUnsignedString(policy.policyId()))
            .put("name", policy.name())
            .put("priority", policy.priority())
            .put("enabled", policy.enabled())
            .put("packets", policy.packets())
            .put("bytes", policy.bytes())
            .put("active_flows", policy.activeFlows());
    if (policy.lastUpdated() != null) {
      json.put("last_updated", policy.lastUpdated().toString());
    }
    json.build().append(to);
  }

  private static void append(StringBuilder to, PathTraffic path) {
    Json.object()
        .put("path_id", path.pathId())
        .put("flows", path.flows())
        .put("packets", path.packets())
        .put("bytes", path.bytes())
        .build()
        .append(to);
  }

  private static void append(StringBuilder to, Flow flow) {
    Json.Builder json = head(flow.key(), flow.policyId(), flow.pathId(), flow.exporter());
    json.put("packets", flow.packets())
        .put("bytes", flow.bytes())
        .put("first_seen", flow.firstSeen().toString())
        .put("last_seen", flow.lastSeen().toString())
        .build()
        .append(to);
  }

  private static void append(StringBuilder to, Group group) {
    Json.Builder json = head(group.key(), group.policyId(), group.pathId(), group.exporter());
    json.put("active_flows", group.flows())
        .put("packets", group.packets())
        .put("bytes", group.bytes())
        .put("first_seen", group.firstSeen().toString())
        .put("last_seen", group.lastSeen().toString())
        .build()
        .append(to);
  }

  private static Json.Builder head(
      FlowKey key, Optional<Long> policyId, Optional<Long> pathId, Optional<IpAddress> exporter) {
    Json.Builder json = FlowText.put(Json.object(), key);
    policyId.ifPresent(id -> json.put("policy_id", Long.toUnsignedString(id)));
    pathId.ifPresent(id -> json.put("path_id", id));
    exporter.ifPresent(address -> json.put("exporter", address.toString()));
    return json;
  }

  /// Reads a reply, and nothing after it.
  ///
  /// @throws UnreadableJson that says what is wrong with it
  static Reply read(InputStream in) throws IOException {
    List<PolicyTraffic> policies = new ArrayList<>();
    try {
      return reply(Json.parse(in, "policies", row -> policies.add(policy(row))), policies);
    } catch (UnreadableJson e) {
      throw e;
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw new UnreadableJson(ErrorText.of(e));
    }
  }

  /// @param policies those that came as rows
  private static Reply reply(Json.Obj json, List<PolicyTraffic> policies) {
    OtherProtocol.checkReply(json);
    return switch (json.text("reply")) {
      case "stats" -> stats(json, policies);
      case "flows" ->
          new Flows(
              json.time("as_of"),
              json.integer("total"),
              json.integer(json.find("matching").isPresent() ? "matching" : "total"),
              json.objects("flows", Reply::flow),
              json.findObject("names").map(Reply::names).orElse(Map.of()));
      case "flow_groups" ->
          new FlowGroups(
              json.time("as_of"),
              json.integer("total"),
              json.integer("matching"),
              json.integer("count"),
              bucket(json.object("left_out")),
              json.findInteger("left_out_most").orElse(0L),
              json.objects("groups", Reply::group));
      case "paths" ->
          new Paths(
              json.text("database"),
              json.time("as_of"),
              json.time("since"),
              json.bool("estimated"),
              json.objects("paths", Reply::path));
      case "flow_stretch" ->
          new FlowStretch(
              json.time("as_of"),
              json.time("started_at"),
              json.integer("total"),
              json.integer("next"),
              json.objects("flows", Reply::flow));
      case "done" -> new Done(json.text("message"), json.integer("count"));
      case "document" -> new Document(json.object("members"));
      case "refused" ->
          new Refused(
              ExitCode.valueOf(json.text("error").toUpperCase(Locale.ROOT)), json.text("message"));
      default -> throw new UnreadableJson("unknown reply '" + json.text("reply") + "'");
    };
  }

  private static Stats stats(Json.Obj json, List<PolicyTraffic> policies) {
    policies.addAll(json.objects("policies", Reply::policy));
    return new Stats(
        json.text("database"),
        json.time("as_of"),
        policies,
        bucket(json.object("unmatched")),
        json.bool("estimated"),
        json.findBool("payload_bytes").orElse(false));
  }

  private static Bucket bucket(Json.Obj json) {
    return new Bucket(json.integer("packets"), json.integer("bytes"), json.integer("active_flows"));
  }

  private static PolicyTraffic policy(Json.Obj json) {
    return new PolicyTraffic(
        Long.parseUnsignedLong(json.text("policy_id")),
        json.text("name"),
        json.integer("priority"),
        json.bool("enabled"),
        json.integer("packets"),
        json.integer("bytes"),
        json.integer("active_flows"),
        json.findTime("last_updated").orElse(null));
  }

  private static Flow flow(Json.Obj json) {
    return new Flow(
        FlowText.key(json),
        policyId(json),
        pathId(json),
        exporter(json),
        json.integer("packets"),
        json.integer("bytes"),
        json.time("first_seen"),
        json.time("last_seen"));
  }

  private static Group group(Json.Obj json) {
    return new Group(
        FlowText.key(json),
        policyId(json),
        pathId(json),
        exporter(json),
        json.integer("active_flows"),
        json.integer("packets"),
        json.integer("bytes"),
        json.time("first_seen"),
        json.time("last_seen"));
  }

  private static Optional<Long> policyId(Json.Obj json) {
    return json.findText("policy_id").map(Long::parseUnsignedLong);
  }

  private static Optional<Long> pathId(Json.Obj json) {
    return json.findInteger("path_id");
  }

  private static Optional<IpAddress> exporter(Json.Obj json) {
    return json.findText("exporter").map(IpAddress::parse);
  }

  private static PathTraffic path(Json.Obj json) {
    return new PathTraffic(
        json.integer("path_id"),
        json.integer("flows"),
        json.integer("packets"),
        json.integer("bytes"));
  }
}
