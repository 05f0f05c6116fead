package dev.patronus.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.json.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditEventTest {
  private static SequencedMap<String, Long> extent(long archive, long rows) {
    SequencedMap<String, Long> extent = new LinkedHashMap<>();
    extent.put("archive_id", archive);
    extent.put("rows", rows);
    return extent;
  }

  private static AuditEvent event(String type) {
    return switch (type) {
      case "site_delete" -> new AuditEvent.SiteDelete("5f0a", "oslo", true, AuditEvent.NOTHING);
      case "site_restore" -> new AuditEvent.SiteRestore("5f0a", "oslo", extent(3, 9));
      case "site_purge" -> new AuditEvent.SitePurge("5f0a", null);
      case "policy_delete" ->
          new AuditEvent.PolicyDelete("18446744073709551615", "voice", false, extent(4, 8));
      case "policy_restore" -> new AuditEvent.PolicyRestore("7", "voice", AuditEvent.NOTHING);
      case "policy_purge" -> new AuditEvent.PolicyPurge("7", null);
      case "alert_silence" ->
          new AuditEvent.AlertSilence("busy", Instant.parse("2026-11-23T14:00:00Z"));
      case "cache_clear" -> new AuditEvent.CacheClear();
      case "cache_cleanup" -> new AuditEvent.CacheCleanup();
      case "stats_reset" -> new AuditEvent.StatsReset("all", null);
      default ->
          new AuditEvent.DatabaseChange(
              AuditEvent.Type.valueOf(type.toUpperCase(Locale.ROOT)),
              Map.of("rows", Json.Num.of(2), "older_than", new Json.Text("30d")));
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '\0',
      value = {
        "site_delete warning {\"site_delete\":{\"site_id\":\"5f0a\",\"blocked\":true,\"site_name\":\"oslo\"}}",
        "site_restore info {\"site_restore\":{\"site_id\":\"5f0a\",\"site_name\":\"oslo\",\"archive_id\":3,\"rows\":9}}",
        "site_purge warning {\"site_purge\":{\"site_id\":\"5f0a\"}}",
        "policy_delete warning {\"policy_delete\":{\"policy_id\":\"18446744073709551615\",\"blocked\":false,\"policy_name\":\"voice\",\"archive_id\":4,\"rows\":8}}",
        "policy_restore info {\"policy_restore\":{\"policy_id\":\"7\",\"policy_name\":\"voice\"}}",
        "policy_purge warning {\"policy_purge\":{\"policy_id\":\"7\"}}",
        "alert_silence info {\"alert_silence\":{\"alert\":\"busy\",\"until\":\"2026-11-23T14:00:00Z\"}}",
        "cache_clear info \"cache_clear\"",
        "cache_cleanup info \"cache_cleanup\"",
        "stats_reset warning {\"stats_reset\":{\"policy_id\":\"all\"}}",
        "database_prune warning {\"database_prune\":{\"older_than\":\"30d\",\"rows\":2}}",
        "database_expire warning {\"database_expire\":{\"older_than\":\"30d\",\"rows\":2}}",
        "database_migrate info {\"database_migrate\":{\"older_than\":\"30d\",\"rows\":2}}",
      })
  void an_event_has_the_platforms_type_severity_and_data(
      String type, String severity, String data) {
    AuditEvent event = event(type);
    assertEquals(type, event.type().word());
    assertEquals(severity, event.type().severity().word());
    assertEquals(data, event.data().toString());
  }

  @Test
  void the_details_of_a_change_do_not_change_with_the_map_that_they_were_made_of() {
    Map<String, Json> details = new java.util.HashMap<>();
    AuditEvent.DatabaseChange change =
        new AuditEvent.DatabaseChange(AuditEvent.Type.DATABASE_INIT, details);
    details.put("late", Json.Num.of(1));
    assertEquals("{\"database_init\":{}}", change.data().toString());
  }

  @Test
  void a_change_of_the_database_is_of_no_other_type() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new AuditEvent.DatabaseChange(AuditEvent.Type.SITE_DELETE, Map.of()));
  }
}
