package dev.patronus.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.diagnosis.Finding.State;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final Machine HEALTHY =
      new Machine("sdwan.db", List.of(), true, 1L << 40, 0, List.of(), 0, List.of());

  private static List<Finding> walk(Machine machine, String drops, boolean ready)
      throws UnreadableJson {
    return Diagnosis.of(
        machine, Optional.of(status("10.0.0.1", drops, ready)), Optional.empty(), NOW);
  }

  private static Json.Obj status(String exporter, String drops, boolean ready)
      throws UnreadableJson {
    String text =
        """
        {"live": true, "ready": %s, "not_ready_because": "the last snapshot is 9 min old",
         "started_at": "2026-11-23T13:00:00Z", "policies": 1, "packets": 5,
         "unmatched": {"packets": 0, "bytes": 0}, "counters": [], "snapshot_trouble": null,
         "sources": [{"source": "conntrack:", "state": "running", "received": 5, "decoded": 5},
           {"source": "netflow://0.0.0.0:2055", "state": "running", "received": 9, "decoded": 5}],
         "exporters": [{"exporter": "%s", "versions": "9", "templates": 1, "datagrams": 9,
           "records": 5, "lost": 0, "sampler_unknown": 0, "clock_skew_seconds": 0,
           "last_seen": "2026-11-23T13:59:59Z", "drops": {%s}}]}
        """;
    return (Json.Obj) Json.parse(text.formatted(ready, exporter, drops));
  }

  private static List<String> faults(List<Finding> findings, State state) {
    return findings.stream().filter(f -> f.state() == state).map(Finding::fault).toList();
  }

  @Test
  void where_all_is_well_every_step_says_so() throws Exception {
    List<Finding> findings = walk(HEALTHY, "\"no_volume\": 0", true);
    assertTrue(findings.stream().allMatch(f -> f.state() == State.OK), findings::toString);
    assertEquals(7, findings.stream().map(Finding::step).distinct().count());
  }

  @Test
  void dropped_records_are_a_warning_with_their_reasons_and_reading_does_not_go_well()
      throws Exception {
    List<Finding> findings = walk(HEALTHY, "\"truncated\": 1, \"implausible_volume\": 3", true);
    assertEquals(List.of("records_dropped"), faults(findings, State.WARNING));
    assertTrue(
        findings.stream().anyMatch(f -> f.message().endsWith("implausible_volume 3, truncated 1")),
        findings::toString);
    assertTrue(findings.stream().noneMatch(f -> f.message().equals("what arrives can be read")));
  }

  @Test
  void where_more_is_dropped_than_read_the_step_fails() throws Exception {
    assertEquals(
        List.of("mostly_dropped"), faults(walk(HEALTHY, "\"truncated\": 6", true), State.FAILED));
  }

  @Test
  void a_daemon_that_is_not_ready_is_never_well() throws Exception {
    List<Finding> findings = walk(HEALTHY, "", false);
    assertEquals(List.of("daemon_not_ready"), faults(findings, State.FAILED));
    assertTrue(findings.getLast().message().contains("the last snapshot is 9 min old"));
  }

  @Test
  void a_daemon_that_cannot_be_asked_is_a_finding() {
    List<Finding> findings =
        Diagnosis.of(
            HEALTHY,
            Optional.empty(),
            Optional.of("cannot talk to the daemon at /s: Permission denied; are you root?"),
            NOW);
    assertEquals(List.of("daemon_unreachable"), faults(findings, State.FAILED));
    assertEquals(
        "cannot talk to the daemon at /s: Permission denied", findings.getLast().message());
  }

  @Test
  void room_that_cannot_be_measured_is_not_called_enough() throws Exception {
    Machine unknown = new Machine("sdwan.db", List.of(), true, -1, 0, List.of(), 0, List.of());
    assertEquals(List.of("disk_unknown"), faults(walk(unknown, "", true), State.WARNING));
  }

  @Test
  void connection_tracking_beside_an_exporter_of_this_machine_counts_twice() throws Exception {
    Optional<Finding> twice =
        DoubleCounting.find(status("127.0.0.1", "", true), "127.0.0.1"::equals);
    assertEquals("counted_twice", twice.orElseThrow().fault());
    assertEquals(
        Optional.empty(), DoubleCounting.find(status("10.0.0.1", "", true), "127.0.0.1"::equals));
  }
}
