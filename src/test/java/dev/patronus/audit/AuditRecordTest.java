package dev.patronus.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditRecordTest {
  private static AuditRecord record(String timestamp, String type, String data) {
    return new AuditRecord(1, timestamp, null, null, null, null, type, data, true, "info");
  }

  private static Optional<Instant> at(String timestamp) {
    return record(timestamp, "login", "").at();
  }

  @Test
  void a_time_is_read_in_whatever_offset_it_is_written() {
    Instant instant = Instant.parse("2026-11-23T14:00:00Z");
    assertEquals(Optional.of(instant), at("2026-11-23T14:00:00Z"));
    assertEquals(Optional.of(instant), at("2026-11-23T15:00:00.000+01:00"));
    assertEquals(Optional.empty(), at("yesterday"));
    assertEquals(Optional.empty(), at(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"site_delete\":{\"site_id\":\"5f0a\",\"blocked\":false}} | site_id 5f0a",
        "{\"site_delete\":{\"site_id\":\"5f0a\",\"site_name\":\"oslo\"}} | site_id 5f0a",
        "\"site_delete\" | ",
        "\"another text\" | another text",
        "{\"name\":\"guests\"} | name guests",
        "{\"site_delete\":7} | site_delete 7",
        "{\"login\":{\"a\":1}} | login {\"a\":1}",
        "[1,2] | [1,2]",
        "3 | 3",
        "true | true",
        "null | ",
        "no {JSON | no {JSON",
      })
  void details_are_the_members_of_the_event_in_words(String data, String details) {
    String words = record("", "site_delete", data).details(false);
    assertEquals(details == null ? "" : details, words);
  }

  @Test
  void the_subject_is_what_the_event_has_an_id_of_with_its_name_where_it_says_one() {
    assertEquals(
        Optional.of(new AuditRecord.Subject("site", "5f0a", Optional.of("oslo"))),
        record("", "site_delete", "{\"site_id\":\"5f0a\",\"site_name\":\"oslo\"}").subject());
    assertEquals(
        Optional.of(new AuditRecord.Subject("policy", "7", Optional.empty())),
        record("", "policy_delete", "{\"policy_delete\":{\"policy_id\":\"7\"}}").subject());
    assertEquals(Optional.empty(), record("", "cache_clear", "\"cache_clear\"").subject());
  }

  @Test
  void a_record_without_a_type_is_refused() {
    assertThrows(NullPointerException.class, () -> record("", null, ""));
  }
}
