package dev.patronus.cli.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.json.Json;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyExplainCommandTest {
  private static final long MINUTE_AGO = 1795442340;

  @TempDir private Path folder;
  private PlatformDatabase database;

  @BeforeEach
  void three_sites_four_paths_and_four_policies() throws Exception {
    database = PlatformDatabase.create(folder, Age.NEWEST);
    database
        .site("aa", "berlin")
        .site("bb", "lyon")
        .site("cc", "oslo")
        .path(1, "aa", "bb")
        .path(2, "bb", "aa")
        .path(3, "cc", "bb")
        .path(4, "aa", "cc")
        .metric(1, MINUTE_AGO - 60, 1)
        .metric(1, MINUTE_AGO, 12.5)
        .metric(2, MINUTE_AGO, 7)
        .run("UPDATE sdwan_paths SET status = 'degraded' WHERE path_id = 2")
        .run("UPDATE sdwan_paths SET status = 'down' WHERE path_id = 4")
        .policy(-1, "voice", 100, "{\"protocol\":17,\"dst_port_range\":[5060,5061]}")
        .policy(2, "off", 90, "{}")
        .policy(3, "web", 80, "{\"protocol\":6,\"dst_port_range\":[80,8443]}")
        .policy(4, "guests", 70, "{\"src_ip\":\"10.9.0.0/16\",\"dst_port_range\":[8080,8080]}")
        .run("UPDATE sdwan_policies SET enabled = 0 WHERE policy_id = 2");
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  @Test
  void a_flow_is_explained_from_its_policy_to_its_path() {
    assertEquals(
        """
        flow      tcp 10.0.0.1:40000 to 192.0.2.10:443 (Web)
        policy    web, priority 80
        matches   tcp to port 80-8443
        prefers   latency
        path      2, lyon to berlin over wg0
        because   it scores best of 3
        answered  database (no daemon running)

        PATH  FROM    TO      STATUS    POLICY SCORE  LATENCY
        2     lyon    berlin  degraded         96.50   7.0 ms
        1     berlin  lyon    up               93.75  12.5 ms
        3     oslo    lyon    up                0.00        -

        The paths of all sites are candidates; use --from and --to to restrict them.
        Excluded because down: path 4, berlin to oslo over wg0.

        HIGHER-PRIORITY POLICY  REASON NOT MATCHED
        voice                   dst_port 443 is outside 5060-5061
                                protocol is tcp, not udp
        off                     is disabled

        What would change it:
        - if path 2 went down, path 1 would carry it
        - policy 'off' would take it if it were enabled
        - policy 'voice' would take it if its port range reached 443 and its rule had
          the protocol tcp
        - policy 'guests' would take it if its source addresses included 10.0.0.1 and
          its port range reached 443 and its priority were above 80 ('web')
        """,
        cli().onTerminal(80, 60).out("policy", "explain", "10.0.0.1:40000", "192.0.2.10:443"));
  }

  @Test
  void a_flow_that_no_policy_takes_has_no_path() {
    assertEquals(
        """
        flow      icmp 10.0.0.1 to 192.0.2.10, type 0 code 0 (Other)
        policy    none
        path      none
        because   no policy matches; no path selected
        answered  database (no daemon running)

        POLICY  REASON NOT MATCHED
        voice   dst_port 0 is outside 5060-5061
                protocol is icmp, not udp
        off     is disabled
        web     dst_port 0 is outside 80-8443
                protocol is icmp, not tcp
        guests  src_ip 10.0.0.1 is not in 10.9.0.0/16
                dst_port 0 is not 8080

        What would change it:
        - policy 'off' would take it if it were enabled
        - policy 'guests' would take it if its source addresses included 10.0.0.1 and
          its port range reached 0
        - policy 'web' would take it if its port range reached 0 and its rule had the
          protocol icmp
        """,
        cli().onTerminal(80, 60).out("policy", "explain", "10.0.0.1", "192.0.2.10", "-P", "icmp"));
  }

  @Test
  void sites_narrow_the_candidates() {
    String[] words = {
      "policy", "explain", "10.0.0.1", "192.0.2.10:80", "-o", "csv", "--columns", "path_id,score"
    };
    assertEquals("path_id,score\r\n2,96.5\r\n1,93.75\r\n3,0.0\r\n", cli().out(words));
    assertEquals("path_id,score\r\n1,93.75\r\n", cli().out(with(words, "--from", "berlin")));
    assertEquals("path_id,score\r\n1,93.75\r\n3,0.0\r\n", cli().out(with(words, "--to", "ly")));
    assertEquals("path_id,score\r\n", cli().out(with(words, "--from", "aa", "--to", "oslo")));
    String none = cli().out("policy", "explain", "10.0.0.1", "192.0.2.10:80", "--to", "oslo");
    assertTrue(none.contains("because   the only path is down\n"), none);
  }

  private static String[] with(String[] words, String... more) {
    String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  @Test
  void programs_get_every_policy_and_the_numbers_behind_each_score() throws Exception {
    database
        .endpoint("aa", "192.0.2.1:51820")
        .endpoint("bb", "198.51.100.1")
        .run(
            "UPDATE sdwan_policies SET path_preference = '{\"Custom\":{\"latency_weight\":0.5,"
                + "\"jitter_weight\":0,\"loss_weight\":0,\"bandwidth_weight\":0,"
                + "\"cost_weight\":0.5}}' WHERE policy_id = 3");
    Json.Obj all =
        (Json.Obj)
            Json.parse(cli().out("policy", "explain", "10.0.0.1", "192.0.2.10:443", "--json"));
    assertEquals("database", all.text("source"));
    assertEquals("routed", all.text("decision"));
    assertEquals("2", all.object("path").text("path_id"));
    assertEquals(4, all.list("policies").size());
    assertEquals(
        "{\"policy_id\":\"18446744073709551615\",\"name\":\"voice\",\"priority\":100,"
            + "\"outcome\":\"differs\",\"reason\":\"dst_port 443 is outside 5060-5061; protocol"
            + " is tcp, not udp\",\"mismatches\":[{\"field\":\"dst_port_range\",\"flow\":\"443\","
            + "\"rule\":\"5060-5061\",\"reason\":\"dst_port 443 is outside 5060-5061\"},"
            + "{\"field\":\"protocol\",\"flow\":\"tcp\",\"rule\":\"udp\",\"reason\":\"protocol is"
            + " tcp, not udp\"}],\"change\":\"policy 'voice' would take it if its port range"
            + " reached 443 and its rule had the protocol tcp\",\"distance\":30}",
        all.list("policies").getFirst().toString());
    Json.Obj second = (Json.Obj) all.list("candidates").get(1);
    assertEquals("1", second.text("path_id"));
    assertEquals("berlin", second.text("src_site_name"));
    assertEquals("2026-11-23T13:59:00Z", second.text("measured_at"));
    assertEquals(
        "[{\"figure\":\"latency\",\"unit\":\"ms\",\"value\":12.5,\"score\":93.75,\"weight\":0.5},"
            + "{\"figure\":\"cost\",\"unit\":\"per GB\",\"value\":0.1,\"score\":50.0,"
            + "\"weight\":0.5}]",
        new Json.Arr(second.list("parts")).toString());
    assertEquals(1, all.list("unusable").size());
  }

  @Test
  void addresses_of_version_6_carry_their_port_in_brackets() throws Exception {
    database.policy(9, "six", 200, "{\"dst_ip\":\"2001:db8::/32\"}");
    String text = cli().out("policy", "explain", "[2001:db8::1]:5060", "2001:db8::2", "-P", "udp");
    assertTrue(text.startsWith("flow      udp [2001:db8::1]:5060 to 2001:db8::2 (Other)\n"), text);
    assertTrue(text.contains("policy    six, priority 200\n"), text);
  }

  @Test
  void what_is_no_flow_is_refused_with_what_to_write() {
    cli()
        .run("policy", "explain", "10.0.0.1", "server:80")
        .failed(
            ExitCode.USAGE,
            "DST: 'server:80' is not an address; names are not looked up: 'getent"
                + " ahosts server' shows its addresses");
    cli()
        .run("policy", "explain", "10.0.0.1", "::1")
        .failed(
            ExitCode.USAGE,
            "source and destination must be of the same address family (IPv4 or IPv6)");
    cli()
        .run("policy", "explain", "10.0.0.1", "10.0.0.2", "--from", "berlim")
        .failed(ExitCode.NOT_FOUND, "site 'berlim' not found; did you mean 'berlin'?");
  }

  @Test
  void far_away_policies_are_counted_and_not_listed() throws Exception {
    database.inOneTransaction(() -> {
      for (int i = 0; i < 500; i++) {
        database.policy(
            1000 + i, "far-" + i, 500 + i, "{\"protocol\":17,\"src_ip\":\"172.16.0.1\"}");
      }
    });
    String text = cli().onTerminal(80, 60).out("policy", "explain", "10.0.0.1", "192.0.2.10:443");
    assertTrue(text.contains("\n497 more policies that did not match; --json shows all.\n"), text);
    assertTrue(text.lines().count() < 45, text);
    assertTrue(text.lines().allMatch(line -> line.length() <= 80), text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "www.example.com:443 | names are not looked up: 'getent ahosts www.example.com' shows its"
            + " addresses",
        "berlin-gw | names are not looked up: 'getent ahosts berlin-gw' shows its addresses",
        "10.1.2.0/24 | a flow has a single address: remove '/24'",
        "2001:db8::/64 | a flow has a single address: remove '/64'",
        "fe80::1%eth0 | policies do not support zones: remove '%eth0'",
        "192.0.2.1:99999 | the port must be a number from 0 to 65535, was '99999'",
        "192.0.2.1:https | the port must be a number from 0 to 65535, was 'https'",
        "[2001:db8::1]:-1 | the port must be a number from 0 to 65535, was '-1'",
        "40000 | write a port behind its address, as in 10.0.0.1:40000",
        "010.1.2.3 | write 10.0.0.1, 10.0.0.1:5060 or [2001:db8::1]:5060",
        "10.1.2 | write 10.0.0.1, 10.0.0.1:5060 or [2001:db8::1]:5060"
      })
  void what_is_no_address_is_refused_with_what_to_write(String typed, String remedy) {
    cli()
        .run("policy", "explain", typed, "192.0.2.1")
        .failed(ExitCode.USAGE, "SRC: '" + typed + "' is not an address; " + remedy);
  }

  @Test
  void ports_that_are_words_of_their_own_are_refused_with_where_to_write_them() {
    cli()
        .run("policy", "explain", "10.0.0.1", "40000", "192.0.2.1", "443")
        .failed(
            ExitCode.USAGE,
            "write a port behind its address, as in 10.1.2.3:40000 192.0.2.10:443; see 'patronus"
                + " policy explain --help'");
    cli()
        .run("policy", "explain", "10.0.0.1", "192.0.2.1", "tcp")
        .failed(ExitCode.USAGE, "unknown argument 'tcp'; see 'patronus policy explain --help'");
  }

  @Test
  void a_ping_shows_its_type_and_code() {
    String ping = cli().out("policy", "explain", "10.0.0.1", "192.0.2.1:2048", "-P", "icmp");
    assertTrue(
        ping.startsWith("flow      icmp 10.0.0.1 to 192.0.2.1:2048, type 8 code 0 (Other)\n"),
        ping);
  }

  @Test
  void sites_without_a_path_between_them_are_said_to_be_so() {
    String none =
        cli().out("policy", "explain", "10.0.0.1", "192.0.2.1:80", "--from", "aa", "--to", "aa");
    assertTrue(none.contains("because   no path goes there from there\n"), none);
  }

  @Test
  void a_preference_that_cannot_be_read_is_what_would_have_to_change() throws Exception {
    database.run("UPDATE sdwan_policies SET path_preference = '\"Cheapest\"' WHERE policy_id = 3");
    String odd = cli().out("policy", "explain", "10.0.0.1", "192.0.2.1:80");
    assertTrue(
        odd.contains("- policy 'web' would choose a path if its preference could be read\n"), odd);
  }
}
