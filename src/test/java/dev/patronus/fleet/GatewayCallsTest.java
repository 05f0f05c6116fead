package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.history.tier.Retention;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.ProgramOutcome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the function of gateways does with calls that no gateway of ours makes.
class GatewayCallsTest {
  @TempDir private Path home;
  private HubUnderTest hub;
  private HubUnderTest.Enrolled berlin;
  private HubUnderTest.Enrolled lyon;

  @BeforeEach
  void enrolTwo() {
    hub = HubUnderTest.make(PostgresServer.shared(), home);
    berlin = hub.enrol("berlin");
    lyon = hub.enrol("lyon");
  }

  private static String publish(String members) {
    return "SELECT fleet.publish('{" + members + "}'::jsonb)";
  }

  private static String begin(String gateway) {
    return publish(
        "\"op\":\"begin\",\"gateway\":\""
            + gateway
            + "\",\"after\":0,\"database\":\"d\",\"token\":\"t\",\"at\":1,"
            + "\"five_minutes_from\":0,\"hours_from\":0");
  }

  private static String batch(String gateway, int number, String rows) {
    return publish(
        "\"op\":\"batch\",\"gateway\":\"%s\",\"epoch\":1,\"batch\":%d,\"token\":\"t\",\"sent\":0,%s"
            .formatted(gateway, number, rows));
  }

  @Test
  void it_cannot_act_for_another_gateway() {
    ProgramOutcome outcome = hub.as(berlin, begin("lyon"));
    assertTrue(outcome.stderr().contains("this role is that of another gateway"));
    assertEquals(List.of("0"), hub.sql("SELECT count(*) FROM fleet.epochs"));
  }

  @Test
  void a_membership_that_two_gateways_agree_on_does_not_let_one_act_for_the_other() {
    hub.as(lyon, "GRANT \"" + lyon.role() + "\" TO \"" + berlin.role() + "\"");
    ProgramOutcome outcome = hub.as(berlin, "SET ROLE \"" + lyon.role() + "\";\n" + begin("lyon"));
    assertEquals(3, outcome.exitCode(), outcome::toString);
    assertEquals(List.of("0"), hub.sql("SELECT count(*) FROM fleet.epochs"));
  }

  @Test
  void no_name_of_another_gateway_can_be_read_in_the_catalogue() {
    ProgramOutcome outcome =
        hub.as(berlin, "SELECT rolname FROM pg_roles; SELECT usename, query FROM pg_stat_activity");
    assertFalse(outcome.stdout().contains("lyon"), outcome::toString);
  }

  @Test
  void a_search_path_of_its_own_does_not_change_what_the_function_does() {
    ProgramOutcome outcome =
        hub.as(berlin, "SET search_path = pg_temp, public;\n" + begin("berlin"));
    assertTrue(outcome.stdout().contains("\"epoch\": 1"), outcome::toString);
  }

  @Test
  void rows_of_any_time_touch_nothing_of_others() {
    for (HubUnderTest.Enrolled each : List.of(berlin, lyon)) {
      hub.as(each, begin(each.name()));
    }
    String rows = "\"policy_stats\":[[1,1,%d,5,6,7]],\"complete\":true";
    hub.as(lyon, batch("lyon", 1, rows.formatted(1_793_491_200L)));
    ProgramOutcome wild =
        hub.as(berlin, batch("berlin", 1, rows.formatted(9_223_372_036_854_775_807L)));
    assertTrue(wild.stdout().contains("\"taken\": true"), wild::toString);
    assertEquals(
        List.of("1793491200"),
        hub.sql("SELECT timestamp FROM fleet.visible_policy_stats WHERE gateway = 'lyon'"));
    assertEquals(List.of("1"), hub.sql("SELECT count(*) FROM fleet.policy_stats_other"));
  }

  @Test
  void a_batch_that_was_taken_is_not_taken_again() {
    hub.as(berlin, begin("berlin"));
    String rows = "\"policy_stats\":[[1,1,1,5,6,7]]";
    assertTrue(hub.as(berlin, batch("berlin", 1, rows)).stdout().contains("\"taken\": true"));
    ProgramOutcome again = hub.as(berlin, batch("berlin", 1, rows));
    assertEquals(0, again.exitCode(), again::toString); // no error: the answer was lost
    assertFalse(again.stdout().contains("taken"), again::toString);
    ProgramOutcome later = hub.as(berlin, batch("berlin", 3, "\"policy_stats\":[[2,1,1,5,6,7]]"));
    assertEquals(0, later.exitCode(), later::toString);
    assertFalse(later.stdout().contains("taken"), later::toString);
    assertEquals(List.of("1"), hub.sql("SELECT count(*) FROM fleet.policy_stats"));
  }

  @Test
  void a_gateway_that_sends_more_than_its_quota_is_told_to_wait() {
    hub.as(berlin, begin("berlin"));
    hub.sql("UPDATE fleet.gateways SET records_left = 10, quota_day = 1 WHERE name = 'berlin'");
    StringBuilder rows = new StringBuilder("\"policy_stats\":[[1,1,1,5,6,7]");
    for (int i = 2; i < 100; i++) {
      rows.append(",[").append(i).append(",1,1,5,6,7]");
    }
    ProgramOutcome refused = hub.as(berlin, batch("berlin", 1, rows + "]"));
    assertTrue(refused.stdout().contains("\"refused\": \"quota\""), refused::toString);
    assertEquals(List.of("0"), hub.sql("SELECT count(*) FROM fleet.policy_stats"));
  }

  @Test
  void a_gateway_keeps_no_more_than_it_may() {
    hub.as(berlin, begin("berlin"));
    hub.sql("UPDATE fleet.gateways SET quota_kept = 1 WHERE name = 'berlin'");
    ProgramOutcome refused =
        hub.as(berlin, batch("berlin", 1, "\"policy_stats\":[[1,1,1,5,6,7],[2,1,1,5,6,7]]"));
    assertTrue(refused.stdout().contains("\"refused\": \"full\""), refused::toString);
  }

  private long kept() {
    return Long.parseLong(
        hub.sql("SELECT records_kept FROM fleet.gateways WHERE name = 'berlin'").getFirst());
  }

  /// A call as berlin, made by an expression of SQL.
  private void call(String expression) {
    ProgramOutcome outcome = hub.as(berlin, "SELECT fleet.publish(" + expression + ")");
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }

  private void batch(int number, String member, String rows) {
    call(
        "jsonb_build_object('op', 'batch', 'gateway', 'berlin', 'epoch', 1, 'batch', "
            + number
            + ", 'token', 't', 'sent', 0, '"
            + member
            + "', "
            + rows
            + ")");
  }

  @Test
  void a_long_text_is_kept_as_many_records_before_and_after_a_pruning() {
    hub.as(berlin, begin("berlin"));
    String text = "repeat('x', 1000000)";
    batch(
        1,
        "audit_logs",
        "jsonb_build_array(jsonb_build_array(1, 1, '', '', '', '', '', 'e', " + text + ", 1, ''))");
    assertTrue(kept() > 3_900, () -> "kept: " + kept());
    batch(
        2,
        "policies",
        "jsonb_build_array(jsonb_build_array(1, 1, 7, 'n', 1, " + text + ", '\"\"', 1))");
    assertTrue(kept() > 7_800, () -> "kept: " + kept());
    try (Hub open = hub.admin()) {
      HubPruning.Pruned _ = HubPruning.prune(open, Retention.DEFAULT, false, Instant.now());
    }
    assertTrue(kept() > 7_800, () -> "kept: " + kept());
  }

  @Test
  void series_events_and_epochs_are_kept_too() {
    hub.as(berlin, begin("berlin"));
    assertEquals(1, kept());
    String site = "[1, 1, '%s', 'n', 1, 1, 'active', 0]";
    batch(
        1,
        "sites",
        ("to_jsonb(ARRAY[" + site + "," + site + "])")
            .formatted("a", "b")
            .replace("[1, 1", "jsonb_build_array(1, 1")
            .replace(", 0]", ", 0)"));
    assertEquals(3, kept());
    String series =
        "(SELECT jsonb_agg(jsonb_build_array(i, i, 'n', 1, 0)) FROM generate_series(1, 50) i)";
    batch(2, "series", series);
    assertEquals(53, kept());
    batch(3, "series", series); // the same ones again
    assertEquals(53, kept());
    try (Hub open = hub.admin()) {
      HubPruning.Pruned _ = HubPruning.prune(open, Retention.DEFAULT, false, Instant.now());
    }
    // The event of the epoch itself is among them.
    assertEquals(54, kept());
  }

  @Test
  void what_an_epoch_begins_with_costs_and_is_kept_by_its_size() {
    call(
        "jsonb_build_object('op', 'begin', 'gateway', 'berlin', 'after', 0, 'database', 'd',"
            + " 'token', 't', 'at', 1, 'five_minutes_from', 0, 'hours_from', 0,"
            + " 'marks', jsonb_build_object('x', repeat('x', 1000000)))");
    assertTrue(kept() > 3_900, () -> "kept: " + kept());
    assertEquals(
        List.of("t"),
        hub.sql("SELECT records_left < 5000000 - 3900 FROM fleet.gateways WHERE name = 'berlin'"));
  }

  @Test
  void new_epochs_cost_quota_too() {
    hub.sql("UPDATE fleet.gateways SET records_left = 10, quota_day = 1 WHERE name = 'berlin'");
    ProgramOutcome refused = hub.as(berlin, begin("berlin"));
    assertTrue(refused.stdout().contains("\"refused\": \"quota\""), refused::toString);
  }

  @Test
  void a_call_that_is_too_large_is_refused() {
    ProgramOutcome refused =
        hub.as(
            berlin,
            "SELECT fleet.publish(jsonb_build_object('op', 'mark', 'gateway', 'berlin', 'x',"
                + " repeat('x', 5000000)))");
    assertTrue(refused.stderr().contains("4 MiB"), refused::toString);
  }
}
