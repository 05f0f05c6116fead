package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.PostgresServer.Version;
import dev.patronus.testing.ProgramOutcome;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The schema of a hub on a real server.
@ParameterizedClass
@EnumSource
class HubSchemaTest {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 29);

  private final PostgresServer server;
  @TempDir private Path home;

  HubSchemaTest(Version version) {
    this.server = PostgresServer.shared(version);
  }

  @Test
  void the_schema_is_made_once_and_then_left_alone() {
    HubUnderTest under = HubUnderTest.bare(server, home);
    try (Hub hub = under.admin()) {
      HubSchema.Made first = HubSchema.init(hub, TODAY);
      HubSchema.Made second = HubSchema.init(hub, TODAY);
      assertEquals(Optional.empty(), first.before());
      assertEquals(Optional.of(HubSchema.VERSION), second.before());
      assertEquals(0, second.partitions());
    }
    assertEquals(
        List.of(Integer.toString(HubSchema.VERSION)),
        under.sql("SELECT count(*) FROM fleet.schema_versions"));
  }

  @Test
  void a_hub_of_a_newer_program_is_refused() {
    HubUnderTest under = HubUnderTest.make(server, home);
    under.sql("INSERT INTO fleet.schema_versions (version, name) VALUES (99, 'later')");
    try (Hub hub = under.admin()) {
      UserError refused = assertThrows(UserError.class, () -> HubSchema.init(hub, TODAY));
      assertEquals(ExitCode.REFUSED, refused.exitCode());
    }
  }

  @Test
  void partitions_begin_and_end_with_the_month_in_utc() {
    HubUnderTest under = HubUnderTest.make(server, home);
    try (Hub hub = under.admin()) {
      HubSchema.Partition november =
          hub.read(HubSchema::partitions).stream()
              .filter(part -> part.name().equals("hours_2026_11"))
              .findFirst()
              .orElseThrow();
      assertEquals(1_793_491_200L, november.from()); // 2026-11-01T00:00:00Z
      assertEquals(1_796_083_200L, november.until()); // 2026-12-01T00:00:00Z
    }
  }

  @Test
  void nothing_of_a_hub_that_was_just_made_is_past_its_life() {
    for (String day : List.of("2026-11-30", "2026-03-01", "2027-01-31")) {
      HubUnderTest under = HubUnderTest.bare(server, home);
      Instant later = Instant.parse(day + "T23:59:59Z");
      try (Hub hub = under.admin()) {
        HubSchema.Made made = HubSchema.init(hub, LocalDate.parse(day));
        assertTrue(made.partitions() > 0);
        assertEquals(
            List.of(), HubPruning.preview(hub, Retention.DEFAULT, false, later).parts(), day);
      }
    }
  }

  @Test
  void rows_of_another_time_move_into_the_partition_that_is_made_for_them() {
    HubUnderTest under = HubUnderTest.make(server, home);
    String at = Long.toString(LocalDate.of(2030, 1, 15).toEpochDay() * 86_400);
    under.sql("INSERT INTO fleet.unmatched_stats VALUES (1, 1, 1, " + at + ", 5, 500, 1)");
    assertEquals(List.of("1"), under.sql("SELECT count(*) FROM fleet.unmatched_stats_other"));
    under.sql("SELECT fleet.add_partitions('unmatched_stats', '2030-01-01', 1)");
    assertEquals(List.of("0"), under.sql("SELECT count(*) FROM fleet.unmatched_stats_other"));
    assertEquals(
        List.of("1|5"), under.sql("SELECT row_id, packets FROM fleet.unmatched_stats_2030_01"));
  }

  @Test
  void a_gateway_can_log_in_with_the_password_that_enrolment_gave_and_call_its_function() {
    HubUnderTest under = HubUnderTest.make(server, home);
    HubUnderTest.Enrolled berlin = under.enrol("berlin");
    ProgramOutcome answer =
        under.as(berlin, "SELECT fleet.publish('{\"op\": \"mark\", \"gateway\": \"berlin\"}')");
    assertTrue(answer.stdout().contains("\"epoch\": 0"), answer::toString);
  }

  @Test
  void a_gateway_that_is_revoked_cannot_log_in_until_it_is_enrolled_again() {
    HubUnderTest under = HubUnderTest.make(server, home);
    HubUnderTest.Enrolled berlin = under.enrol("berlin");
    try (Hub hub = under.admin()) {
      assertEquals(0, HubGateways.revoke(hub, "berlin"));
    }
    assertEquals(2, under.as(berlin, "SELECT 1").exitCode());
    HubUnderTest.Enrolled again = under.enrol("berlin");
    assertEquals(berlin.role(), again.role());
    assertEquals("1\n", under.as(again, "SELECT 1").stdout());
  }

  @Test
  void the_password_of_a_gateway_is_not_in_the_log_of_the_server() {
    HubUnderTest under = HubUnderTest.make(server, home);
    HubUnderTest.Enrolled berlin = under.enrol("berlin");
    String log = under.server().log();
    assertTrue(log.contains("SCRAM-SHA-256$"), "statements are logged");
    assertTrue(!log.contains(berlin.password()));
  }

  @Test
  void the_hub_can_be_reached_by_a_unix_socket() {
    HubUnderTest under = HubUnderTest.make(server, home);
    String address =
        "postgresql:///%s?host=%s&port=%d&user=admin"
            .formatted(under.database(), under.server().folder(), under.server().port());
    try (Hub hub = Hub.open(under.login(address), 0)) {
      assertEquals(Optional.of(HubSchema.VERSION), hub.read(HubSchema::version));
    }
  }
}
