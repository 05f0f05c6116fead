package dev.patronus.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `stats flows` and `export flows` with filters and groups, against a real control socket.
class StatsFlowsCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final FlowKey KEY =
      FlowKey.of(IpAddress.parse("10.0.0.1"), 40000, IpAddress.parse("192.0.2.1"), 443, 6);

  @TempDir Path folder;
  private PlatformDatabase platform;
  private ControlServer socket;
  private CommandLineRun cli;
  private volatile Request asked;
  private final AtomicInteger policiesAsked = new AtomicInteger();
  private volatile Reply next;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    List<PolicyTraffic> policies =
        List.of(
            new PolicyTraffic(7, "voice", 100, true, 1, 2, 3, NOW),
            new PolicyTraffic(-8, "North West", 100, true, 1, 2, 3, NOW));
    Reply.Stats stats =
        new Reply.Stats(
            platform.file().toString(), NOW, policies, new Reply.Bucket(1, 2, 3), false, false);
    socket =
        new ControlServer(
            folder.resolve("patronus.sock"),
            (request, _) -> {
              if (request instanceof Request.Stats) {
                policiesAsked.incrementAndGet();
                return stats;
              }
              asked = request;
              return next;
            },
            new Metrics());
    socket.start();
    cli = CommandLineRun.on(platform.file()).env("PATRONUS_SOCKET", folder + "/patronus.sock");
    next = new Reply.Flows(NOW, 9, 1, List.of(flow()), Map.of());
  }

  @AfterEach
  void close() throws SQLException, IOException {
    socket.close();
    platform.close();
  }

  private static Reply.Flow flow() {
    return new Reply.Flow(
        KEY,
        Optional.of(7L),
        Optional.of(3L),
        Optional.of(IpAddress.parse("192.0.2.9")),
        10,
        20_000,
        NOW.minusSeconds(10),
        NOW);
  }

  private static Reply.FlowGroups groups(long leftOut) {
    return new Reply.FlowGroups(
        NOW,
        9,
        8,
        2,
        new Reply.Bucket(leftOut, 1000 * leftOut, leftOut),
        leftOut * 3,
        List.of(
            new Reply.Group(
                KEY,
                Optional.of(7L),
                Optional.of(3L),
                Optional.of(KEY.dst()),
                5,
                10,
                20_000,
                NOW.minusSeconds(10),
                NOW),
            new Reply.Group(
                KEY.reversed(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                3,
                4,
                50,
                NOW,
                NOW)));
  }

  private FlowFilter filterAsked() {
    return switch (asked) {
      case Request.Flows flows -> flows.filter();
      case Request.FlowGroups groups -> groups.filter();
      case Request.FlowStretch stretch -> stretch.filter();
      case Request other -> throw new AssertionError(other);
    };
  }

  @Test
  void the_words_behind_the_command_are_one_filter() {
    for (String words : List.of("dst port 443 and tcp", "--sort rate dst port 443 and tcp -n 3")) {
      cli.out(("stats flows " + words).split(" ", -1));
      assertEquals("dst port 443 and proto 6", filterAsked().toString());
    }
    cli.out("stats", "flows", "dst port 443", "and", "tcp");
    assertEquals("dst port 443 and proto 6", filterAsked().toString());
    cli.out("stats", "flows", "dst port 443 and tcp");
    assertEquals("dst port 443 and proto 6", filterAsked().toString());
  }

  @Test
  void a_policy_is_found_by_its_name_also_one_of_several_words() {
    cli.out("stats", "flows", "policy", "North West", "or", "policy", "voi");
    assertEquals("policy 18446744073709551608 or policy 7", filterAsked().toString());
    cli.out("stats", "flows", "not policy 'north west'");
    assertEquals("not policy 18446744073709551608", filterAsked().toString());
    cli.run("stats", "flows", "tcp and policy voise")
        .failed(ExitCode.NOT_FOUND, "policy 'voise' not found; did you mean 'voice'?");
  }

  @Test
  void names_that_come_with_the_flows_are_not_asked_for() {
    next = new Reply.Flows(NOW, 9, 1, List.of(flow()), Map.of(7L, "phones"));
    assertTrue(cli.out("stats", "flows").contains("phones"));
    assertEquals(0, policiesAsked.get());
  }

  @Test
  void names_that_a_daemon_of_the_first_releases_does_not_send_are_asked_for() {
    assertTrue(cli.out("stats", "flows").contains("voice"));
    assertEquals(1, policiesAsked.get());
  }

  @Test
  void the_policy_option_and_a_filter_both_count() {
    cli.out("stats", "flows", "-p", "voice", "udp");
    Request.Flows flows = assertInstanceOf(Request.Flows.class, asked);
    assertEquals(Optional.of(7L), flows.policyId());
    assertEquals("proto 17", flows.filter().toString());
  }

  @Test
  void what_matches_is_told_from_what_there_is() {
    String shown = cli.onTerminal(80, 24).run("stats", "flows", "tcp").out();
    assertTrue(shown.startsWith("1 of 1 matching flow (9 active).\n"), shown);
    JsonNode json = JsonMapper.shared().readTree(cli.out("stats", "flows", "tcp", "--json"));
    assertEquals(1, json.get("matching_flows").asInt());
    assertEquals(9, json.get("active_flows").asInt());
    assertEquals(2000, json.get("flows").get(0).get("bytes_per_second").asInt());
    assertEquals("192.0.2.9", json.get("flows").get(0).get("exporter").asString());
  }

  @Test
  void a_narrow_screen_keeps_both_ends_of_a_flow() {
    for (int columns : new int[] {60, 80}) {
      String shown = cli.onTerminal(columns, 24).run("stats", "flows").out();
      assertTrue(shown.matches("(?s).*SOURCE +SPORT +DESTINATION +DPORT.*"), shown);
    }
  }

  @Test
  void groups_fit_a_screen_of_80_columns() {
    next = groups(0);
    assertEquals(
        """
        2 of 2 groups, of 8 matching flows (9 active).

        SOURCE     DPORT  POLICY  FLOWS    BYTES         RATE  LAST SEEN
        10.0.0.1     443  voice       5  20.0 kB  16.0 kbit/s  2026-11-23 14:00:00
        192.0.2.1  40000  -           3     50 B    400 bit/s  2026-11-23 14:00:00
        (hidden because the screen is narrow: PACKETS, PACKETS/S, FIRST SEEN, POLICY ID;
        --wide shows all)
        """,
        cli.onTerminal(80, 24).run("stats", "flows", "--by", "src,dport,policy", "tcp").out());
  }

  @Test
  void groups_come_in_every_format_with_the_columns_of_their_keys_first() {
    next = groups(0);
    assertEquals(
        """
        exporter,path_id,active_flows,packets,bytes,bytes_per_second,packets_per_second,\
        last_seen,first_seen\r
        192.0.2.1,3,5,10,20000,2000.0,1.0,2026-11-23T14:00:00Z,2026-11-23T13:59:50Z\r
        ,,3,4,50,50.0,4.0,2026-11-23T14:00:00Z,2026-11-23T14:00:00Z\r
        """,
        cli.out("stats", "flows", "--by", "exporter,path,exporter", "-o", "csv"));
    JsonNode json =
        JsonMapper.shared().readTree(cli.out("stats", "flows", "--by", "policy", "--json"));
    assertEquals(2, json.get("group_count").asInt());
    assertEquals(0, json.get("left_out").get("active_flows").asInt());
    assertEquals("7", json.get("groups").get(0).get("policy_id").asString());
    assertEquals(2, cli.out("stats", "flows", "--by=proto", "-o=ndjson").lines().count());
  }

  @Test
  void what_the_daemon_had_no_memory_for_is_said() {
    next = groups(1234);
    String shown = cli.out("stats", "flows", "--by", "src");
    assertTrue(shown.startsWith("2 of more than 2 groups, of 8 matching flows"), shown);
    assertTrue(shown.contains("Left out: 1,234 flows with 1.23 MB in further groups"), shown);
  }

  @Test
  void a_filter_that_cannot_be_read_shows_where_and_nothing_is_asked() {
    cli.run("stats", "flows", "src", "prot", "80")
        .failed(
            ExitCode.USAGE,
            "FILTER: expected host, net, port, portrange, an address or a prefix at character 5,"
                + " not 'prot'; did you mean 'port'?");
    cli.run("export", "flows", "tcp and")
        .failed(
            ExitCode.USAGE,
            "FILTER: the filter ends where a condition such as host, net, port, proto, tcp, policy"
                + " or bytes is expected");
    assertNull(asked);
  }

  @Test
  void a_filter_can_be_checked_without_a_daemon() throws IOException {
    socket.close();
    for (String command : List.of("stats", "export")) {
      Outcome good = cli.run(command, "flows", "--check-filter", "policy", "nobody", "or", "tcp");
      assertEquals(ExitCode.DONE, good.exitCode(), good::toString);
      assertEquals("", good.out() + good.err());
      assertEquals(
          ExitCode.USAGE, cli.run(command, "flows", "--check-filter", "port 80 or").exitCode());
      cli.run(command, "flows", "--check-filter")
          .failed(ExitCode.USAGE, "--check-filter requires a filter");
    }
  }

  @Test
  void a_filter_that_tcpdump_reads_differently_is_read_with_a_hint() {
    Outcome outcome = cli.run("stats", "flows", "port 80 or port 443 and tcp");
    assertEquals(
        "In the filter 'and' binds tighter than 'or', unlike in tcpdump; use brackets.\n",
        outcome.err());
    assertEquals("", cli.run("stats", "flows", "port 80 or (port 443 and tcp)").err());
    assertEquals("", cli.run("-q", "stats", "flows", "port 80 or port 443 and tcp").err());
  }

  @Test
  void only_groups_are_sorted_by_their_flows() {
    cli.run("stats", "flows", "--sort", "flows")
        .failed(ExitCode.USAGE, "--sort flows requires --by");
    next = groups(0);
    cli.out("stats", "flows", "--sort", "flows", "--by", "src");
    assertEquals(Request.Order.FLOWS, assertInstanceOf(Request.FlowGroups.class, asked).order());
  }

  @Test
  void an_older_daemon_is_named_as_the_reason() {
    next = new Reply.Refused(ExitCode.USAGE, "unknown request 'filtered_flows'");
    cli.run("stats", "flows", "tcp")
        .failed(
            ExitCode.FAILED,
            "the daemon at "
                + folder
                + "/patronus.sock is of an older version and does not know this request; restart"
                + " it with 'systemctl restart patronus'");
  }

  @Test
  void flows_by_rate_show_it_on_a_narrow_screen() {
    String shown = cli.onTerminal(80, 24).run("stats", "flows", "--sort", "rate").out();
    assertTrue(shown.contains("16.0 kbit/s"), shown);
  }
}
