package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.json.Json;
import dev.patronus.testing.Golden;
import dev.patronus.testing.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands of `fleet` on a hub of a real server.
class FleetCommandsTest {
  private PostgresServer server;
  private String hub;

  @BeforeEach
  void makeHub() {
    server = PostgresServer.shared();
    hub = server.address(PostgresServer.ADMIN, server.database());
    assertEquals(ExitCode.DONE, run("fleet", "init").exitCode());
  }

  private Outcome run(String... words) {
    return CommandLineRun.bare().env("PATRONUS_FLEET", hub).run(words);
  }

  private Json.Obj json(String... words) {
    Outcome outcome = run(words);
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    return (Json.Obj) Json.parse(outcome.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"fleet status", "stats --fleet"})
  void a_blank_address_names_no_hub(String command) {
    Outcome outcome = CommandLineRun.bare().env("PATRONUS_FLEET", " ").run(command.split(" ", -1));
    assertEquals(ExitCode.USAGE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.err().contains("no hub is named"), outcome::toString);
  }

  @Test
  void init_may_be_repeated_and_says_that_nothing_was_to_be_done() {
    Json.Obj again = json("fleet", "init", "-o", "json");
    assertTrue(again.text("message").contains("already"), again::toString);
    assertEquals(0, again.integer("partitions_made"));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 80, 200})
  void the_status_of_gateways_looks_as_it_did(int columns) throws IOException {
    server.psql(
        PostgresServer.ADMIN,
        hub.substring(hub.lastIndexOf('/') + 1),
        """
        INSERT INTO fleet.gateways (name, role_name, epoch, last_contact, sent_version,
            sent_skew_seconds, sent_waiting, sent_waiting_since, records_kept, revoked_at) VALUES
          ('berlin', 'patronus_gw_1', 1, '2020-01-05T10:00:00Z', '1.0.0', 0, 0, NULL, 35263, NULL),
          ('hamburg-harbour-2', 'patronus_gw_2', 3, '2020-01-05T09:00:00Z', '1.0.0', -95, 120345,
            1578200000, 1234567, NULL),
          ('lyon', 'patronus_gw_3', 0, NULL, NULL, NULL, NULL, NULL, 0, NULL),
          ('oslo', 'patronus_gw_4', 1, '2020-01-04T10:00:00Z', '1.0.0', 2, 0, NULL, 50000000, NULL),
          ('porto', 'patronus_gw_5', 1, '2020-01-03T10:00:00Z', '1.0.0', 0, 7, 1578000000, 99,
            '2020-01-03T11:00:00Z')
        """);
    Outcome outcome =
        CommandLineRun.bare()
            .env("PATRONUS_FLEET", hub)
            .onTerminal(columns, 1000)
            .run("fleet", "status");
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    Golden.check(
        Path.of("src/test/resources/dev/patronus/cli/screens/fleet-" + columns + ".txt"),
        outcome.out());
  }

  @Test
  void a_gateway_that_was_enrolled_is_listed_as_new() {
    Json.Obj enrolled = json("fleet", "enrol", "berlin", "-o", "json");
    assertTrue(enrolled.text("fleet").endsWith("?gateway=berlin"), enrolled::toString);
    assertEquals(32, enrolled.text("password").length());
    Json.Obj status = json("fleet", "status", "-o", "json");
    Json.Obj berlin = (Json.Obj) status.list("gateways").getFirst();
    assertEquals("berlin", berlin.text("gateway"));
    assertEquals("new", berlin.text("state"));
    assertEquals(enrolled.text("role"), berlin.text("role"));
  }

  @Test
  void a_gateway_that_was_revoked_is_listed_as_revoked() {
    Json.Obj _ = json("fleet", "enrol", "berlin", "-o", "json");
    Json.Obj _ = json("fleet", "revoke", "berlin", "--yes", "-o", "json");
    assertTrue(run("fleet", "status", "-o", "csv").out().contains("berlin,revoked"));
  }

  @Test
  void nobody_is_revoked_without_a_confirmation() {
    Json.Obj _ = json("fleet", "enrol", "berlin", "-o", "json");
    run("fleet", "revoke", "berlin")
        .failed(
            ExitCode.REFUSED,
            "not confirmed: no terminal for the question; add --yes to proceed, or --dry-run to"
                + " preview");
    assertFalse(run("fleet", "status", "-o", "csv").out().contains("revoked,"));
  }

  @Test
  void a_dry_run_revokes_nobody() {
    Json.Obj _ = json("fleet", "enrol", "berlin", "-o", "json");
    String would = run("fleet", "revoke", "berlin", "--dry-run").out();
    assertTrue(would.contains("would let gateway berlin send no more"), would);
    assertFalse(run("fleet", "status", "-o", "csv").out().contains("revoked,"));
  }

  @Test
  void a_gateway_that_nobody_enrolled_is_not_found() {
    assertEquals(ExitCode.NOT_FOUND, run("fleet", "revoke", "berlin", "--yes").exitCode());
  }

  @Test
  void a_certificate_takes_the_place_of_the_password() {
    Json.Obj enrolled = json("fleet", "enrol", "berlin", "--certificate", "-o", "json");
    assertEquals(Optional.empty(), enrolled.find("password"));
  }

  @Test
  void prune_drops_the_months_that_are_past_and_moves_the_border() {
    String database = hub.substring(hub.lastIndexOf('/') + 1);
    Outcome made =
        CommandLineRun.bare()
            .env("PATRONUS_FLEET", hub)
            .at("2028-01-15T00:00:00Z")
            .run("fleet", "prune", "--yes", "-o", "json");
    assertEquals(ExitCode.DONE, made.exitCode(), made::toString);
    Json.Obj pruned = (Json.Obj) Json.parse(made.out());
    assertTrue(pruned.list("partitions").size() > 10, made::toString);
    assertTrue(pruned.integer("partitions_made") > 10, made::toString);
    assertEquals(
        "1825027200\n", // 2027-11-01T00:00:00Z: 62 days before, and the first of its month
        server
            .psql(PostgresServer.ADMIN, database, "SELECT five_minutes_from FROM fleet.retention")
            .stdout());
  }

  @Test
  void what_was_pruned_is_not_made_again_to_be_pruned_by_the_next_run() {
    Json.Obj _ = json("fleet", "prune", "--yes", "-o", "json");
    Json.Obj again = json("fleet", "prune", "--yes", "-o", "json");
    assertEquals(List.of(), again.list("partitions"), again::toString);
    assertEquals(0, again.integer("partitions_made"));
  }

  @Test
  void a_dry_run_removes_nothing() {
    String before = partitions();
    Outcome previewed =
        CommandLineRun.bare()
            .env("PATRONUS_FLEET", hub)
            .at("2028-01-15T00:00:00Z")
            .run("fleet", "prune", "--dry-run", "-o", "json");
    assertEquals(ExitCode.DONE, previewed.exitCode(), previewed::toString);
    assertEquals(before, partitions());
  }

  private String partitions() {
    return server
        .psql(
            PostgresServer.ADMIN,
            hub.substring(hub.lastIndexOf('/') + 1),
            "SELECT count(*) FROM pg_inherits")
        .stdout();
  }

  private String offered(String... words) {
    List<String> all = new ArrayList<>(List.of("__complete", "--"));
    all.addAll(List.of(words));
    Outcome outcome = run(all.toArray(String[]::new));
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    return outcome.out();
  }

  @Test
  void the_names_of_gateways_are_offered_from_the_hub() {
    for (String name : List.of("berlin", "Berlin two", "lyon")) {
      Json.Obj _ = json("fleet", "enrol", name, "-o", "json");
    }
    assertEquals("Berlin two\nberlin\n", offered("stats", "--gateway", "be"));
    assertEquals("lyon\n", offered("fleet", "revoke", "ly"));
    String other = server.address(PostgresServer.ADMIN, "nowhere");
    assertEquals("", offered("site", "list", "--hub", other, "--gateway", ""));
    assertEquals("--gateway=lyon\n", offered("site", "list", "--hub=" + hub, "--gateway=l"));
  }

  @Test
  void a_hub_that_does_not_answer_offers_no_names() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      hub = "postgresql://admin@127.0.0.1:" + silent.getLocalPort() + "/patronus";
      assertEquals("", offered("stats", "--gateway", ""));
    }
  }

  @Test
  void a_database_that_is_no_hub_is_named() {
    hub = server.address(PostgresServer.ADMIN, server.database());
    Outcome outcome = run("fleet", "status");
    assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.err().contains("patronus fleet init"), outcome::toString);
  }

  @Test
  void a_password_in_the_address_is_refused_and_not_repeated() {
    Outcome outcome = run("fleet", "status", "--hub", "postgresql://a:hunter2@127.0.0.1/x");
    assertEquals(ExitCode.USAGE, outcome.exitCode());
    assertFalse(outcome.toString().contains("hunter2"), outcome::toString);
  }
}
