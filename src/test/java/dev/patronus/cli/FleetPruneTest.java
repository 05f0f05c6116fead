package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.fleet.GatewayCopy;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubGateways;
import dev.patronus.fleet.HubUnderTest;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `fleet prune` removes of epochs that ended, and what it leaves.
class FleetPruneTest {
  private static final String ROWS =
      "SELECT gateway, count(*), sum(packets_matched), sum(row_id)"
          + " FROM fleet.visible_policy_stats GROUP BY gateway ORDER BY gateway";

  private static final String SUMS =
      "SELECT s.gateway, sum(t.packets), sum(t.bytes) FROM fleet.five_minutes t"
          + " JOIN fleet.visible_series s USING (gateway_id, epoch, series_id)"
          + " GROUP BY s.gateway ORDER BY s.gateway";

  @TempDir private static Path sharedFolder;
  private static Path database;

  @TempDir private Path folder;
  private HubUnderTest hub;
  private HubUnderTest.Enrolled berlin;

  /// The database that both gateways send; nothing changes it.
  @BeforeAll
  static void makeDatabase() throws Exception {
    database = SampleDatabase.make(sharedFolder, Age.NEWEST);
    CommandLineRun.on(database).out("db", "migrate");
  }

  @BeforeEach
  void sendTwo() throws Exception {
    hub = HubUnderTest.make(PostgresServer.shared(), folder);
    berlin = hub.enrol("berlin");
    send("one", false);
    new GatewayCopy(hub, hub.enrol("lyon")).send(database, "other");
  }

  /// Sends the database of berlin as a new epoch.
  private void send(String databaseId, boolean again) throws Exception {
    new GatewayCopy(hub, berlin).send(database, databaseId, again);
  }

  private CommandLineRun.Outcome prune(String... more) {
    List<String> words = new ArrayList<>(List.of("fleet", "prune", "--keep", "off"));
    words.addAll(List.of(more));
    return CommandLineRun.bare()
        .env("PATRONUS_FLEET", hub.server().address(PostgresServer.ADMIN, hub.database()))
        .run(words.toArray(String[]::new));
  }

  private String epochs(String... more) {
    List<String> words = new ArrayList<>(List.of("--dry-run", "-o", "json"));
    words.addAll(List.of(more));
    return prune(words.toArray(String[]::new))
        .out()
        .replaceAll("(?s).*\"epochs\":(.*?\\]).*", "$1")
        .replaceAll("\\s", "");
  }

  private String cells(int epoch) {
    return hub.sql(
            "SELECT count(*) FROM fleet.five_minutes JOIN fleet.gateways g USING (gateway_id)"
                + " WHERE g.name = 'berlin' AND five_minutes.epoch = "
                + epoch)
        .getFirst();
  }

  @Test
  void a_superseded_epoch_is_in_the_plan_and_loses_its_roll_ups_while_what_is_read_stays()
      throws Exception {
    send("one", true);
    List<String> rows = hub.sql(ROWS);
    List<String> sums = hub.sql(SUMS);
    assertNotEquals("0", cells(1));
    assertTrue(epochs().contains("\"gateway\":\"berlin\",\"epoch\":1,"), epochs());
    assertTrue(epochs().contains("\"kind\":\"superseded\""), epochs());
    assertEquals(ExitCode.DONE, prune("--yes").exitCode());
    assertEquals("0", cells(1));
    assertEquals(rows, hub.sql(ROWS));
    assertEquals(sums, hub.sql(SUMS));
  }

  @Test
  void what_was_cleared_is_not_in_the_next_plan() throws Exception {
    send("one", true);
    assertTrue(prune("--yes").out().contains("the records of 1 epoch"));
    CommandLineRun.Outcome again = prune("--yes");
    assertTrue(again.out().contains("the records of 0 epochs"), again::toString);
  }

  @Test
  void an_epoch_that_shares_nothing_goes_with_all_of_its_rows() throws Exception {
    send("one", true);
    hub.sql("UPDATE fleet.epochs SET complete_at = NULL WHERE epoch = 1 AND NOT visible");
    assertTrue(epochs().contains("\"kind\":\"incomplete\""), epochs());
    assertEquals(ExitCode.DONE, prune("--yes").exitCode());
    assertEquals(
        List.of("2"),
        hub.sql(
            "SELECT e.epoch FROM fleet.epochs e JOIN fleet.gateways g USING (gateway_id)"
                + " WHERE g.name = 'berlin'"));
  }

  @Test
  void the_history_of_a_replaced_database_stays_until_it_is_asked_to_go() throws Exception {
    List<String> before = hub.sql(ROWS);
    send("two", false);
    assertEquals("[]", epochs());
    assertEquals(ExitCode.DONE, prune("--yes").exitCode());
    assertNotEquals("0", cells(1));
    assertTrue(epochs("--replaced").contains("\"kind\":\"replaced\""), epochs("--replaced"));
    assertEquals(ExitCode.DONE, prune("--replaced", "--yes").exitCode());
    assertEquals("0", cells(1));
    assertNotEquals("0", cells(2));
    assertEquals(before, hub.sql(ROWS)); // one copy of each of the two gateways
  }

  @Test
  void nothing_goes_without_a_confirmation() throws Exception {
    send("one", true);
    assertEquals(ExitCode.REFUSED, prune().exitCode());
    assertNotEquals("0", cells(1));
  }

  private CommandLineRun.Outcome remove(String... more) {
    List<String> words = new ArrayList<>(List.of("fleet", "prune", "--gateway", "berlin"));
    words.addAll(List.of(more));
    return CommandLineRun.bare()
        .env("PATRONUS_FLEET", hub.server().address(PostgresServer.ADMIN, hub.database()))
        .run(words.toArray(String[]::new));
  }

  private void revoke() {
    try (Hub open = hub.admin()) {
      int _ = HubGateways.revoke(open, "berlin");
    }
  }

  /// How many rows each table has of a gateway, the empty ones left out.
  private List<String> held(int gatewayId) {
    List<String> held = new ArrayList<>();
    for (String table :
        hub.sql(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'fleet'"
                + " AND column_name = 'gateway_id' ORDER BY 1")) {
      String count =
          hub.sql("SELECT count(*) FROM fleet." + table + " WHERE gateway_id = " + gatewayId)
              .getFirst();
      if (!count.equals("0")) {
        held.add(table + " " + count);
      }
    }
    return held;
  }

  private int id(String gateway) {
    return Integer.parseInt(
        hub.sql("SELECT gateway_id FROM fleet.gateways WHERE name = '" + gateway + "'").getFirst());
  }

  @Test
  void a_gateway_that_may_still_send_is_not_removed() {
    int id = id("berlin");
    CommandLineRun.Outcome refused = remove("--yes");
    assertEquals(ExitCode.REFUSED, refused.exitCode());
    assertTrue(refused.err().contains("patronus fleet revoke berlin"), refused::toString);
    assertFalse(held(id).isEmpty());
  }

  @Test
  void a_revoked_gateway_goes_with_all_that_it_has_sent_and_its_role() {
    int id = id("berlin");
    List<String> others = held(id("lyon"));
    revoke();
    CommandLineRun.Outcome removed = remove("--yes");
    assertEquals(ExitCode.DONE, removed.exitCode(), removed::toString);
    assertEquals(List.of(), held(id));
    assertEquals(others, held(id("lyon")));
    assertEquals(
        List.of("0"),
        hub.sql("SELECT count(*) FROM pg_roles WHERE rolname = '" + berlin.role() + "'"));
  }

  @Test
  void what_a_revoked_gateway_has_is_shown_and_stays_in_a_dry_run_and_without_a_confirmation() {
    int id = id("berlin");
    List<String> before = held(id);
    revoke();
    CommandLineRun.Outcome shown = remove("--dry-run");
    assertTrue(shown.out().contains("would remove 1 gateway with "), shown::toString);
    assertEquals(ExitCode.REFUSED, remove().exitCode());
    assertEquals(before, held(id));
  }

  @Test
  void nothing_else_is_removed_with_a_gateway() {
    revoke();
    assertEquals(ExitCode.USAGE, remove("--keep", "raw:1d").exitCode());
    assertEquals(ExitCode.USAGE, remove("--replaced").exitCode());
  }

  @Test
  void a_new_gateway_of_the_name_of_one_that_was_removed_counts_its_epochs_on() throws Exception {
    send("one", true); // epoch 2
    revoke();
    assertEquals(ExitCode.DONE, remove("--yes").exitCode());
    berlin = hub.enrol("berlin");
    send("one", false);
    assertEquals(List.of("3"), hub.sql("SELECT epoch FROM fleet.gateways WHERE name = 'berlin'"));
    assertEquals(
        List.of("3"),
        hub.sql(
            "SELECT DISTINCT epoch FROM fleet.policy_stats WHERE gateway_id = " + id("berlin")));
  }
}
