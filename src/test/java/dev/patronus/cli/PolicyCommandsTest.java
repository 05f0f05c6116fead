package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyCommandsTest {
  @TempDir private Path folder;
  private PlatformDatabase database;
  private CommandLineRun cli;

  @BeforeEach
  void fill() throws SQLException, IOException {
    use(Age.NEWEST);
  }

  private void use(Age age) throws SQLException, IOException {
    Path own = folder.resolve(age.name());
    own.toFile().mkdirs();
    database = PlatformDatabase.create(own, age);
    cli = CommandLineRun.on(database.file());
    database
        .policy(7, "bulk", 10, "{}")
        .policy(-1, "voice", 100, "{\"protocol\":17,\"dst_port_range\":[5060,5061]}")
        .policy(
            8,
            "office",
            100,
            "{\"src_ip\":\"10.1.0.0/16\",\"src_port\":5000,\"dst_ip\":\"10.9.8.7\","
                + "\"application_class\":\"Web\",\"protocol\":6,\"dst_port_range\":[443,443]}")
        .policy(9, "guests", 50, "{\"src_ip\":\"10.0.0.\",\"dst_port_range\":[90,80]}")
        .run("UPDATE sdwan_policies SET enabled = 0, path_preference = '7' WHERE policy_id = 9");
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void the_list_is_in_the_order_of_matching_and_says_what_cannot_be_read() {
    assertEquals(
        """
        POLICY  PRIO  ON   MATCHES                                                  PREFERS  ID
        office   100  yes  tcp from 10.1.0.0/16 port 5000 to 10.9.8.7 port 443 Web  latency  8
        voice    100  yes  udp to port 5060-5061                                    latency  18446744073709551615
        guests    50  no   nothing: invalid rule                                    invalid  9
        bulk      10  yes  all traffic                                              latency  7

        Policy 'guests' (9): match_rules: src_ip: not an IP address: '10.0.0.'; dst_port_range: low 90 is above high 80
        Policy 'guests' (9): path_preference: must be a name or {"Custom": {weights}}, is 7
        """,
        cli.out("policy", "list"));
  }

  @Test
  void eighty_columns_show_the_rules_rather_than_the_ids() {
    assertEquals(
        """
        POLICY  PRIO  ON   MATCHES                                               PREFERS
        office   100  yes  tcp from 10.1.0.0/16 port 5000 to 10.9.8.7 port 443…  latency
        voice    100  yes  udp to port 5060-5061                                 latency
        """,
        cli.onTerminal(80, 24)
            .out("policy", "list")
            .lines()
            .limit(3)
            .map(l -> l + "\n")
            .reduce("", String::concat));
    assertTrue(
        cli.onTerminal(80, 24)
            .out("policy", "list")
            .contains("(hidden because the screen is narrow: ID; cut: MATCHES; --wide shows all)"));
  }

  @Test
  void the_json_has_the_rules_as_they_are_stored_and_in_words() {
    assertEquals(
        """
        {"policy_id":"18446744073709551615","name":"voice","priority":100,"enabled":true,\
        "matches":"udp to port 5060-5061","prefers":"latency",\
        "match_rules":{"protocol":17,"dst_port_range":[5060,5061]},\
        "path_preference":"LowestLatency","problems":[],"shadowed_by":null,"shadowed_by_id":null}
        """
            .strip(),
        cli.out("policy", "list", "-o", "ndjson").lines().toList().get(1));
  }

  @Test
  void csv_has_the_stored_texts() {
    assertEquals(
        "name,match_rules\r\nguests,\"{\"\"src_ip\"\":\"\"10.0.0.\"\",\"\"dst_port_range\"\":[90,80]}\"\r\n",
        cli.out("policy", "list", "--invalid", "-o", "csv", "--columns", "name,match_rules"));
  }

  @Test
  void without_an_invalid_policy_it_says_so() throws SQLException {
    database.run("DELETE FROM sdwan_policies WHERE policy_id = 9");
    assertEquals("All policies are valid.\n", cli.out("policy", "list", "--invalid"));
    database.run("DELETE FROM sdwan_policies");
    assertEquals("There are no policies.\n", cli.out("policy", "list"));
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void every_age_lists_its_policies(Age age) throws Exception {
    if (age != Age.NEWEST) {
      database.close();
      use(age);
    }
    assertEquals(5, cli.out("policy", "list", "-o", "csv").lines().count());
    assertEquals(2, cli.out("policy", "show", "bulk", "-o", "csv").lines().count());
  }

  @Test
  void one_policy_is_shown_with_its_place_and_its_traffic() throws SQLException {
    database.stat(-1, 1795442340, 1200, 3_400_000, 2);
    assertEquals(
        """
        policy id        18446744073709551615
        name             voice
        priority         100
        enabled          yes
        matches          udp to port 5060-5061
        prefers          latency
        match rules      {"protocol":17,"dst_port_range":[5060,5061]}
        path preference  "LowestLatency"
        problems         -
        position         2
        policies         4
        packets matched  1,200
        bytes matched    3.40 MB
        active flows     2
        last updated     2026-11-23 13:59:00
        """,
        cli.out("policy", "show", "18446744073709551615"));
  }

  @Test
  void an_unreadable_policy_is_shown_with_its_problems() {
    assertEquals(
        """
        Invalid: match_rules: src_ip: not an IP address: '10.0.0.'; dst_port_range: low 90 is above high 80
        Invalid: path_preference: must be a name or {"Custom": {weights}}, is 7
        """,
        cli.out("policy", "show", "gue")
            .lines()
            .skip(16)
            .map(l -> l + "\n")
            .reduce("", String::concat));
  }

  @Test
  void an_unknown_policy_is_not_found() {
    cli.run("policy", "show", "vioce")
        .failed(ExitCode.NOT_FOUND, "policy 'vioce' not found; did you mean 'voice'?");
    cli.run("policy", "show", "zz")
        .failed(
            ExitCode.NOT_FOUND,
            "policy 'zz' not found; 'patronus policy list' shows the 4 that exist");
  }

  @Test
  void the_error_is_a_document_where_one_was_asked_for() {
    CommandLineRun.Outcome outcome = cli.run("policy", "show", "vioce", "--json");
    assertEquals(ExitCode.NOT_FOUND, outcome.exitCode());
    assertEquals(
        """
        {
          "schema": 1,
          "success": false,
          "error": "not_found",
          "exit_code": 3,
          "message": "policy 'vioce' not found; did you mean 'voice'?"
        }
        """,
        outcome.out());
  }

  @Test
  void two_policies_of_one_name_are_ambiguous() throws SQLException {
    database.policy(10, "voice", 1, "{}");
    cli.run("policy", "show", "voice")
        .failed(
            ExitCode.REFUSED,
            "policy 'voice' is ambiguous; use one of these ids: 18446744073709551615"
                + " (voice), 10 (voice)");
  }
}
