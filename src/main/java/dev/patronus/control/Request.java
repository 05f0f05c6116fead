package dev.patronus.control;

import dev.patronus.error.ErrorText;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A request to the daemon: a query or a change.
///
/// Immutable. On the wire it is one line:
/// `{"ask":"flows","order":"bytes","limit":20,"protocol":1}`.
public sealed interface Request {
  /// The beginning of the message with which a daemon refuses a request that it does not know.
  String UNKNOWN = "unknown request ";

  /// The status of the daemon.
  record Status() implements Request {}

  /// The templates of flow exporters, and the sampling rates that they announced.
  record Templates() implements Request {}

  /// The metrics and the threads of the daemon, as texts.
  record Diagnostics() implements Request {}

  /// The current traffic of each policy.
  ///
  /// @param rows whether the reply may have each policy as a row of values, which is half as long
  record Stats(boolean rows) implements Request {
    public Stats() {
      this(true);
    }
  }

  /// The live flow table from the top.
  ///
  /// @param policyId only flows of this policy; empty for all
  /// @param filter only flows that match it
  record Flows(Order order, int limit, Optional<Long> policyId, FlowFilter filter)
      implements Request {
    /// The maximum number of flows of one reply; [FlowStretch] reads all of them.
    public static final int LIMIT = 10_000;

    public Flows {
      requireLimit(limit, LIMIT);
      if (order == Order.FLOWS) {
        throw new IllegalArgumentException("only groups have a number of flows");
      }
      Objects.requireNonNull(filter, "filter");
    }
  }

  private static void requireLimit(int limit, int most) {
    if (limit < 1 || limit > most) {
      throw new IllegalArgumentException("limit must be 1.." + most + ", was " + limit);
    }
  }

  /// All live flows, grouped by some of their parts; the first groups.
  ///
  /// @param by at least one
  /// @param policyId only flows of this policy; empty for all
  /// @param filter only flows that match it
  record FlowGroups(
      Set<GroupKey> by, Order order, int limit, Optional<Long> policyId, FlowFilter filter)
      implements Request {
    public FlowGroups {
      by = Set.copyOf(by);
      if (by.isEmpty()) {
        throw new IllegalArgumentException("there must be a key to group by");
      }
      requireLimit(limit, Flows.LIMIT);
      Objects.requireNonNull(filter, "filter");
    }
  }

  /// A part of the live flow table, not sorted, for reading the whole table in parts.
  ///
  /// @param from 0, or where the previous part ended
  /// @param policyId only flows of this policy; empty for all
  /// @param filter only flows that match it
  record FlowStretch(int from, int limit, Optional<Long> policyId, FlowFilter filter)
      implements Request {
    /// The maximum number of flows of one reply: few, because it is built in the daemon's small
    /// heap.
    public static final int LIMIT = 250;

    public FlowStretch {
      if (from < 0) {
        throw new IllegalArgumentException("from must not be negative, was " + from);
      }
      requireLimit(limit, LIMIT);
      Objects.requireNonNull(filter, "filter");
    }
  }

  /// The sort orders of the flow table.
  enum Order {
    BYTES,
    PACKETS,
    /// Oldest first.
    AGE,
    /// Average bytes per second.
    RATE,
    /// The number of flows; of groups alone.
    FLOWS;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Resets counters.
  ///
  /// @param policyId the policy; empty for all
  record Reset(Optional<Long> policyId, Client client) implements Request {}

  /// Cache sizes and hit rates.
  record CacheStats() implements Request {}

  /// Empties the caches.
  ///
  /// @param cache `metrics` or `routing`; empty for both
  record CacheClear(Optional<String> cache, Client client) implements Request {}

  /// Removes expired cache entries.
  record CacheCleanup(Client client) implements Request {}

  /// Explains which path this flow would take, and why.
  ///
  /// @param from the id of the site that the path starts at; empty for any
  /// @param to the id of the site that it ends at; empty for any
  record Explain(FlowKey key, Optional<String> from, Optional<String> to) implements Request {}

  /// The current traffic of each path.
  record Paths() implements Request {}

  /// Notifies the daemon that the requesting process has changed the database. The reply is sent
  /// when the daemon has read the change: later replies reflect it.
  record Changed() implements Request {}

  /// The author of a change, as named by the client; trusted only from root.
  ///
  /// @param ipAddress the address of the SSH client; empty without one
  record Client(String userId, Optional<String> ipAddress, String userAgent) {}

  /// The request as one line of JSON, without its end.
  default String line() {
    Json.Builder json = Json.object();
    switch (this) {
      case Status _ -> json.put("ask", "status");
      case Templates _ -> json.put("ask", "templates");
      case Diagnostics _ -> json.put("ask", "diagnostics");
      case Stats(boolean rows) -> {
        json.put("ask", "stats");
        if (rows) {
          json.put("rows", true);
        }
      }
      case Flows(Order order, int limit, Optional<Long> policyId, FlowFilter filter) -> {
        boolean plain = filter.equals(FlowFilter.ALL) && order != Order.RATE;
        json.put("ask", plain ? "flows" : "filtered_flows");
        json.put("order", order.word()).put("limit", limit);
        put(json, policyId, filter);
      }
      case FlowStretch(int from, int limit, Optional<Long> policyId, FlowFilter filter) -> {
        boolean plain = filter.equals(FlowFilter.ALL);
        json.put("ask", plain ? "flow_stretch" : "filtered_flow_stretch");
        json.put("from", from).put("limit", limit);
        put(json, policyId, filter);
      }
      case FlowGroups groups -> {
        String by =
            groups.by().stream().sorted().map(GroupKey::word).collect(Collectors.joining(","));
        json.put("ask", "flow_groups").put("by", by);
        json.put("order", groups.order().word()).put("limit", groups.limit());
        put(json, groups.policyId(), groups.filter());
      }
      case Reset(Optional<Long> policyId, Client client) -> {
        json.put("ask", "reset");
        policyId.ifPresent(id -> json.put("policy_id", Long.toUnsignedString(id)));
        put(json, client);
      }
      case CacheStats _ -> json.put("ask", "cache_stats");
      case CacheClear(Optional<String> cache, Client client) -> {
        json.put("ask", "cache_clear");
        cache.ifPresent(name -> json.put("cache", name));
        put(json, client);
      }
      case CacheCleanup(Client client) -> put(json.put("ask", "cache_cleanup"), client);
      case Explain(FlowKey key, Optional<String> from, Optional<String> to) -> {
        json.put("ask", "explain").put("flow", FlowText.json(key));
        from.ifPresent(site -> json.put("from", site));
        to.ifPresent(site -> json.put("to", site));
      }
      case Paths _ -> json.put("ask", "paths");
      case Changed _ -> json.put("ask", "changed");
    }
    return json.put(OtherProtocol.MEMBER, OtherProtocol.OURS).build().toString();
  }

  /// A daemon that does not know filters would not heed one: requests that have one have names of
  /// their own, which it refuses.
  private static void put(Json.Builder json, Optional<Long> policyId, FlowFilter filter) {
    policyId.ifPresent(id -> json.put("policy_id", Long.toUnsignedString(id)));
    if (!filter.equals(FlowFilter.ALL)) {
      json.put("filter", filter.toString());
    }
  }

  private static void put(Json.Builder json, Client client) {
    Json.Builder inner =
        Json.object().put("user_id", client.userId()).put("user_agent", client.userAgent());
    client.ipAddress().ifPresent(address -> inner.put("ip_address", address));
    json.put("client", inner.build());
  }

  /// Reads a line.
  ///
  /// @throws UnreadableJson that says what is wrong with it
  static Request parse(String line, int lengthMax) {
    if (!(Json.parse(line, lengthMax) instanceof Json.Obj json)) {
      throw new UnreadableJson("a request must be an object");
    }
    OtherProtocol.checkRequest(json);
    String ask = json.text("ask");
    try {
      return switch (ask) {
        case "status" -> new Status();
        case "templates" -> new Templates();
        case "diagnostics" -> new Diagnostics();
        case "stats" -> new Stats(json.findBool("rows").orElse(false));
        case "flows", "filtered_flows" ->
            new Flows(order(json), limit(json), policyId(json), filter(json));
        case "flow_stretch", "filtered_flow_stretch" ->
            new FlowStretch(
                Math.toIntExact(json.integer("from")), limit(json), policyId(json), filter(json));
        case "flow_groups" ->
            new FlowGroups(by(json), order(json), limit(json), policyId(json), filter(json));
        case "reset" -> new Reset(policyId(json), client(json));
        case "cache_stats" -> new CacheStats();
        case "cache_clear" -> new CacheClear(json.findText("cache"), client(json));
        case "cache_cleanup" -> new CacheCleanup(client(json));
        case "explain" ->
            new Explain(
                FlowText.key(json.object("flow")), json.findText("from"), json.findText("to"));
        case "paths" -> new Paths();
        case "changed" -> new Changed();
        default -> throw new UnreadableJson(UNKNOWN + "'" + ask + "'");
      };
    } catch (UnreadableJson e) {
      throw e;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new UnreadableJson(ErrorText.of(e));
    }
  }

  private static Order order(Json.Obj json) {
    return Order.valueOf(json.text("order").toUpperCase(Locale.ROOT));
  }

  private static int limit(Json.Obj json) {
    return Math.toIntExact(json.integer("limit"));
  }

  private static Set<GroupKey> by(Json.Obj json) {
    return Arrays.stream(json.text("by").split(",", -1))
        .map(word -> GroupKey.valueOf(word.toUpperCase(Locale.ROOT)))
        .collect(Collectors.toSet());
  }

  private static FlowFilter filter(Json.Obj json) {
    return FlowFilter.parse(json.findText("filter").orElse(""), Long::parseUnsignedLong);
  }

  private static Optional<Long> policyId(Json.Obj json) {
    return json.findText("policy_id").map(Long::parseUnsignedLong);
  }

  private static Client client(Json.Obj json) {
    Json.Obj inner = json.object("client");
    return new Client(
        inner.text("user_id"), inner.findText("ip_address"), inner.text("user_agent"));
  }
}
