package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.ProgramOutcome;
import java.nio.file.Path;
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
