package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.metrics.Metrics;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.Golden;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What people see of the lists that a daemon answers, on screens of three widths. The replies come
/// over a real control socket; the texts are in `src/test/resources/dev/patronus/cli/screens`, and
/// `-Drenew` writes them anew.
class LiveScreensTest {
  private static final Path SCREENS = Path.of("src/test/resources/dev/patronus/cli/screens");
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final List<String> COMMANDS =
      List.of(
          "stats",
          "stats -n 1 --sort flows",
          "stats flows",
          "stats flows --sort rate",
          "stats flows --by src,policy",
          "path list",
          "path list --sort bytes",
          "policy diff --with src/test/resources/dev/patronus/cli/policy/rules.json",
          "status",
          "cache stats");

  /// What a daemon says of itself after three datagrams that it could not read.
  private static final String STATUS =
      """
      {"as_of": "2026-11-23T14:00:00Z", "pid": 1234, "version": "1.0.0",
       "started_at": "2026-11-22T14:00:00Z", "database": "/var/lib/patronus/sdwan.db",
       "live": true, "ready": true, "last_snapshot": "2026-11-23T13:59:00Z",
       "snapshot_trouble": null, "future_snapshot": null, "metrics_listen": null, "policies": 4,
       "packets": 705159375, "active_flows": 43, "estimated": false,
       "unmatched": {"packets": 369247, "bytes": 51754173}, "tunnels": {"packets": 0, "bytes": 0},
       "saturated": [], "hub": null, "payload_bytes": false, "counters": [],
       "sources": [
         {"source": "netflow://127.0.0.1:2055", "state": "running", "kernel_dropped": 0,
          "strangers": {}, "received": 120, "decoded": 480, "dropped": 3, "lost": 0},
         {"source": "conntrack:", "state": "failed",
          "reason": "connection tracking does not count; sysctl -w net.netfilter.nf_conntrack_acct=1",
          "kernel_dropped": 0, "strangers": {}, "received": 0, "decoded": 0, "dropped": 0,
          "lost": 0}],
       "exporters": [
         {"source": "netflow://127.0.0.1:2055", "exporter": "2001:db8:0:1:2:3:4:5",
          "versions": "5", "templates": 0, "sampling": "1:1", "sampling_from": "not announced",
          "sampling_since": "2026-11-23T13:00:00Z", "last_seen": "2026-11-23T13:59:58Z",
          "datagrams": 120, "records": 480, "dropped": 3, "drops": {"unknown_version": 3},
          "records_dropped": 0, "sets_dropped": 0, "waiting": 0, "sets_waiting": 0,
          "unknown_templates": [], "mismatched_templates": [], "faulty_template": null,
          "payload_bytes": false, "lost": 0, "restarts": 0, "sampler_unknown": 0,
          "agent_samples_dropped": 0, "rate_contradicted": 0, "times_replaced": 0, "ingress": 0,
          "egress": 0, "clock_skew_seconds": 0}]}
      """;

  private static final String CACHES =
      """
      {"as_of": "2026-11-23T14:00:00Z", "database": "/var/lib/patronus/sdwan.db",
       "caches": [
         {"cache": "metrics", "entries": 19, "active": 19, "expired": 0, "hits": 617,
          "misses": 229, "hit_rate": 0.7293, "evictions": 0, "entries_max": 131072,
          "ttl_seconds": 60},
         {"cache": "routing", "entries": 65536, "active": 0, "expired": 4, "hits": 8000000,
          "misses": 8000000, "hit_rate": 0.5, "evictions": 1000000, "entries_max": 65536,
          "ttl_seconds": 30}]}
      """;

  @TempDir private static Path folder;
  private static ControlServer socket;
  private static CommandLineRun cli;

  @BeforeAll
  static void make() throws Exception {
    Path file = SampleDatabase.make(folder, Age.NEWEST);
    Path path = folder.resolve("patronus.sock");
    socket =
        new ControlServer(path, (request, _) -> reply(request, file.toString()), new Metrics());
    socket.start();
    cli = CommandLineRun.on(file).env("PATRONUS_SOCKET", path.toString());
  }

  @AfterAll
  static void close() throws IOException {
    socket.close();
  }

  private static Reply reply(Request request, String database) {
    return switch (request) {
      case Request.Stats _ -> stats(database);
      case Request.Flows _ -> new Reply.Flows(NOW, 3, 3, flows(), Map.of());
      case Request.FlowGroups _ ->
          new Reply.FlowGroups(NOW, 3, 3, 2, new Reply.Bucket(0, 0, 0), 0, groups());
      case Request.Paths _ ->
          new Reply.Paths(
              database,
              NOW,
              NOW.minusSeconds(86_400),
              false,
              List.of(new Reply.PathTraffic(1, 40, 123_456_789, 98_765_432_100L)));
      case Request.CacheStats _ -> new Reply.Document((Json.Obj) Json.parse(CACHES));
      default -> new Reply.Document((Json.Obj) Json.parse(STATUS));
    };
  }

  private static Reply stats(String database) {
    return new Reply.Stats(
        database,
        NOW,
        List.of(
            new PolicyTraffic(
                Long.MIN_VALUE, "voice", 1000, true, 14_920, 2_984_000, 3, NOW.minusSeconds(2)),
            new PolicyTraffic(7, "office", 500, true, 149_300, 134_500_000, 40, NOW),
            new PolicyTraffic(9, "guests", 200, true, 0, 0, 0, null)),
        new Reply.Bucket(369_247, 51_754_173, 2),
        false,
        false);
  }

  private static FlowKey key(String source, String destination, int port, int protocol) {
    return FlowKey.of(
        IpAddress.parse(source), 40_000, IpAddress.parse(destination), port, protocol);
  }

  private static List<Reply.Flow> flows() {
    Optional<IpAddress> exporter = Optional.of(IpAddress.parse("192.0.2.9"));
    return List.of(
        new Reply.Flow(
            key("2001:db8:10:20:30:40:50:60", "2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa", 443, 6),
            Optional.of(7L),
            Optional.of(3L),
            exporter,
            1_234_567,
            987_654_321,
            NOW.minusSeconds(3_700),
            NOW),
        new Reply.Flow(
            key("10.1.2.3", "192.0.2.10", 5060, 17),
            Optional.of(Long.MIN_VALUE),
            Optional.of(1L),
            exporter,
            10,
            20_000,
            NOW.minusSeconds(10),
            NOW.minusSeconds(1)),
        new Reply.Flow(
            key("172.16.0.1", "198.51.100.2", 9, 6),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            1,
            40,
            NOW.minusSeconds(200),
            NOW.minusSeconds(200)));
  }

  private static List<Reply.Group> groups() {
    return List.of(
        new Reply.Group(
            key("10.1.2.3", "0.0.0.0", 0, 0),
            Optional.of(7L),
            Optional.empty(),
            Optional.empty(),
            2,
            1_234_577,
            987_674_321,
            NOW.minusSeconds(3_700),
            NOW),
        new Reply.Group(
            key("172.16.0.1", "0.0.0.0", 0, 0),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            1,
            1,
            40,
            NOW.minusSeconds(200),
            NOW.minusSeconds(200)));
  }

  @ParameterizedTest
  @CsvSource({
    "stats --sort packets, PACKETS",
    "stats --sort bytes, BYTES",
    "stats --sort rate, RATE",
    "stats --sort flows, FLOWS",
    "stats flows, BYTES",
    "stats flows --sort packets, PACKETS",
    "stats flows --sort age, AGE",
    "stats flows --sort rate, RATE",
    "stats flows --by dst --sort flows, FLOWS",
    "stats flows --by dst --sort packets, PACKETS",
    "path list --sort age_seconds, AGE",
  })
  void the_column_that_rows_are_sorted_by_is_shown_on_the_narrowest_screen(
      String words, String title) {
    String out = cli.onTerminal(40, 1000).out(words.split(" ", -1));
    String titles =
        out.lines()
            .filter(line -> line.matches("(POLICY|PROTO|DESTINATION|ID) .*"))
            .findFirst()
            .orElseThrow();
    assertTrue(List.of(titles.split(" +", -1)).contains(title), out);
  }

  @Test
  void the_columns_of_a_flow_have_titles_of_their_own() {
    String titles = cli.out("stats", "flows", "-q").lines().findFirst().orElseThrow();
    List<String> all = List.of(titles.split("  +", -1));
    assertEquals(all.stream().distinct().toList(), all);
  }

  @Test
  void unmatched_traffic_has_the_names_that_totals_have() {
    JsonNode document = new JsonMapper().readTree(cli.out("stats", "--json"));
    assertEquals(369_247, document.get("unmatched").get("packets_matched").asLong());
    assertEquals(51_754_173, document.get("unmatched").get("bytes_matched").asLong());
    assertEquals(51_754_173, document.get("unmatched").get("bytes").asLong());
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 80, 200})
  void a_list_of_the_daemon_looks_as_it_did(int columns) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String words : COMMANDS) {
      Outcome outcome = cli.onTerminal(columns, 1000).run(words.split(" ", -1));
      all.append("$ patronus ").append(words).append('\n').append(outcome.out());
      all.append(outcome.err()).append('\n');
      outcome
          .out()
          .lines()
          .forEach(line -> assertTrue(DisplayWidth.of(line) <= columns, words + ": " + line));
    }
    Golden.check(SCREENS.resolve("live-" + columns + ".txt"), all.toString());
  }
}
