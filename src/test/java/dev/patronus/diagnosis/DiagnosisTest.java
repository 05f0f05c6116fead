package dev.patronus.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.diagnosis.Finding.State;
import dev.patronus.diagnosis.Finding.Step;
import dev.patronus.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is concluded from what the daemon says of an exporter.
class DiagnosisTest {
  private static final Instant NOW = Instant.parse("2026-11-29T01:00:00Z");
  private static final Machine MACHINE =
      new Machine("a.db", Optional.empty(), Optional.empty(), -1, 0, List.of(), 0, List.of());

  private static List<Finding> decoding(
      long records, long dropped, long sets, boolean payload, Json.Obj drops) {
    Json exporter =
        Json.object()
            .put("exporter", "192.0.2.1")
            .put("versions", "9")
            .put("templates", 1)
            .put("datagrams", 100)
            .put("records", records)
            .put("records_dropped", dropped)
            .put("sets_dropped", sets)
            .put("waiting", 0)
            .put("payload_bytes", payload)
            .put("drops", drops)
            .put("lost", 0)
            .put("sampler_unknown", 0)
            .put("clock_skew_seconds", 0)
            .put("last_seen", NOW.toString())
            .build();
    Json.Obj status =
        Json.object()
            .put("policies", 1)
            .put("sources", List.of())
            .put("exporters", List.of(exporter))
            .put("counters", List.of())
            .build();
    return Diagnosis.of(MACHINE, Optional.of(status), NOW).stream()
        .filter(finding -> finding.step() == Step.DECODING)
        .toList();
  }

  private static Json.Obj drops(String reason, long count) {
    return Json.object().put(reason, count).build();
  }

  @Test
  void a_noticeable_share_of_dropped_records_is_not_ok_and_named_by_exporter_and_reason() {
    Finding finding = decoding(99, 1, 0, false, drops("no_volume", 1)).getFirst();
    assertEquals("records_dropped", finding.fault());
    assertEquals(State.WARNING, finding.state());
    assertEquals(
        "1 of 100 records of exporter 192.0.2.1 were dropped: no_volume 1", finding.message());
  }

  @Test
  void fewer_dropped_records_than_one_in_a_hundred_are_ok() {
    List<Finding> findings = decoding(100, 1, 0, false, drops("no_volume", 1));
    assertEquals(List.of(State.OK), findings.stream().map(Finding::state).toList());
  }

  @Test
  void an_exporter_of_which_every_record_is_dropped_is_a_failure() {
    Finding finding = decoding(0, 7, 0, false, drops("above_max_rate", 7)).getFirst();
    assertEquals(State.FAILED, finding.state());
    assertTrue(finding.next().contains("max-rate"), finding.next());
  }

  @Test
  void sets_that_do_not_fit_their_templates_are_not_ok() {
    Finding finding = decoding(5, 0, 2, false, drops("template_mismatch", 2)).getFirst();
    assertEquals("sets_dropped", finding.fault());
  }

  @Test
  void payload_bytes_are_said_to_be_fewer_than_IP_bytes() {
    Finding finding = decoding(5, 0, 0, true, Json.object().build()).getFirst();
    assertEquals("payload_bytes", finding.fault());
    assertEquals(State.WARNING, finding.state());
  }
}
