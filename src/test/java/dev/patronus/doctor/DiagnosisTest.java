package dev.patronus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.doctor.Finding.State;
import dev.patronus.doctor.Finding.Step;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final MachineFacts HEALTHY =
      new MachineFacts(1, "sdwan.db", List.of(), true, 1L << 40, 0, List.of(), 0, List.of());

  private static List<Finding> walk(MachineFacts machine, String drops, boolean ready)
      throws UnreadableJson {
    return walk(machine, status("10.0.0.1", drops, ready));
  }

  private static List<Finding> walk(MachineFacts machine, Json.Obj status) {
    return Diagnosis.of(machine, Optional.of(StatusAnswer.read(status)), Optional.empty(), NOW);
  }

  private static Json.Obj status(String exporter, String drops, boolean ready)
      throws UnreadableJson {
    return (Json.Obj)
        Json.parse(
            """
            {"as_of": "2026-11-23T14:00:00Z", "pid": 7, "version": "1.0.0",
             "started_at": "2026-11-23T13:00:00Z", "database": "sdwan.db",
             "live": true, "ready": %s, "not_ready_because": "the last snapshot is 9 min old",
             "policies": 1, "packets": 5, "active_flows": 1, "estimated": false,
             "unmatched": {"packets": 0, "bytes": 0}, "tunnels": {"packets": 0, "bytes": 0},
             "counters": [], "snapshot_trouble": null,
             "sources": [{"source": "conntrack:", "state": "running", "received": 5, "decoded": 5,
                "dropped": 0, "lost": 0},
               {"source": "netflow://0.0.0.0:2055", "state": "running", "received": 9, "decoded": 5,
                "dropped": 0, "lost": 0}],
             "exporters": [{"source": "netflow://0.0.0.0:2055", "exporter": "%s", "versions": "9",
               "templates": 1, "sampling": "1:1", "sampling_from": "not announced", "datagrams": 9,
               "records": 5, "dropped": 0, "records_dropped": 0, "sets_dropped": 0, "waiting": 0,
               "payload_bytes": false, "lost": 0, "restarts": 0, "sampler_unknown": 0,
               "times_replaced": 0, "ingress": 0, "egress": 0, "clock_skew_seconds": 0,
               "last_seen": "2026-11-23T13:59:59Z", "drops": {%s}}]}
            """
                .formatted(ready, exporter, drops));
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
  void exporters_that_have_been_silent_for_long_are_a_warning_and_before_that_told()
      throws Exception {
    assertEquals("traffic data arrives", arriving("13:59:59").message());
    assertEquals("traffic data arrived 20 min ago", arriving("13:39:30").message());
    Finding silent = arriving("13:20:00");
    assertEquals(State.WARNING, silent.state());
    assertEquals("nothing has arrived for 40 min from any exporter", silent.message());
  }

  private static Finding arriving(String lastSeen) throws UnreadableJson {
    String said =
        status("10.0.0.1", "", true)
            .toString()
            .replace("conntrack:", "netflow://0.0.0.0:9995")
            .replace("13:59:59", lastSeen);
    return walk(HEALTHY, (Json.Obj) Json.parse(said)).stream()
        .filter(finding -> finding.step() == Step.ARRIVING)
        .findFirst()
        .orElseThrow();
  }

  private static Finding kernelDrops(int processors, String secondExporter) throws UnreadableJson {
    String said = status("10.0.0.1", "", true).toString();
    String exporters = "\"exporters\":[";
    String exporter =
        said.substring(said.indexOf(exporters) + exporters.length(), said.length() - 2);
    String text =
        said.replace("\"received\":9,", "\"kernel_dropped\":8,\"received\":9,")
            .replace(exporter, exporter + "," + exporter.replace("10.0.0.1", secondExporter));
    MachineFacts machine =
        new MachineFacts(
            processors, "sdwan.db", List.of(), true, 1L << 40, 0, List.of(), 0, List.of());
    return walk(machine, (Json.Obj) Json.parse(text)).stream()
        .filter(each -> each.fault().equals("kernel_drops"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void more_receivers_are_suggested_for_several_exporters_on_several_processors() throws Exception {
    Finding found = kernelDrops(4, "10.0.0.2");
    assertEquals("the kernel dropped 8 datagrams for netflow://0.0.0.0:2055", found.message());
    assertTrue(found.next().contains("receivers=2"), found.next());
    assertFalse(kernelDrops(1, "10.0.0.2").next().contains("receivers"));
    assertFalse(kernelDrops(4, "10.0.0.1").next().contains("receivers"));
  }

  @Test
  void a_receiver_that_the_kernel_gives_nothing_is_not_called_silent() throws Exception {
    String second =
        "{\"source\":\"netflow://0.0.0.0:2055#2\",\"state\":\"running\",\"received\":0,"
            + "\"decoded\":0,\"dropped\":0,\"lost\":0}";
    String said =
        status("10.0.0.1", "", true)
            .toString()
            .replaceFirst("}],\"exporters", "}," + second + "],\"exporters");
    assertTrue(said.contains("#2"), said);
    List<Finding> findings = walk(HEALTHY, (Json.Obj) Json.parse(said));
    assertTrue(findings.stream().allMatch(f -> f.state() == State.OK), findings::toString);
    List<Finding> silent =
        walk(HEALTHY, (Json.Obj) Json.parse(said.replace("\"received\":9", "\"received\":0")));
    assertEquals(
        List.of("nothing has arrived at netflow://0.0.0.0:2055"),
        silent.stream()
            .filter(each -> each.fault().equals("nothing_arriving"))
            .map(Finding::message)
            .toList());
  }

  @Test
  void a_share_that_is_too_small_for_a_warning_is_not_called_decoded() throws Exception {
    String said =
        status("10.0.0.1", "\"unknown_version\": 3", true)
            .toString()
            .replace(
                "\"received\":9,\"decoded\":5,\"dropped\":0",
                "\"received\":9,\"decoded\":5,\"dropped\":3");
    List<Finding> findings = walk(HEALTHY, (Json.Obj) Json.parse(said));
    assertTrue(findings.stream().allMatch(f -> f.state() == State.OK), findings::toString);
    assertEquals(
        "data is decoded; 3 records or datagrams were dropped, 'patronus status' shows why",
        findings.stream()
            .filter(f -> f.step() == Step.DECODING)
            .map(Finding::message)
            .findFirst()
            .orElseThrow());
  }

  @Test
  void a_snapshot_of_the_future_that_the_daemon_knows_of_is_a_warning() throws Exception {
    String said =
        status("10.0.0.1", "\"no_volume\": 0", true)
            .toString()
            .replaceFirst("\\{", "{\"future_snapshot\": \"2040-01-01T00:00:00Z\",");
    List<Finding> findings = walk(HEALTHY, (Json.Obj) Json.parse(said));
    assertEquals(List.of("future_snapshot"), faults(findings, State.WARNING));
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
    MachineFacts unknown =
        new MachineFacts(1, "sdwan.db", List.of(), true, -1, 0, List.of(), 0, List.of());
    assertEquals(List.of("disk_unknown"), faults(walk(unknown, "", true), State.WARNING));
  }

  @Test
  void connection_tracking_beside_an_exporter_of_this_machine_counts_twice() throws Exception {
    Optional<Finding> twice =
        DoubleCounting.find(StatusAnswer.read(status("127.0.0.1", "", true)), "127.0.0.1"::equals);
    assertEquals("counted_twice", twice.orElseThrow().fault());
    assertEquals(
        Optional.empty(),
        DoubleCounting.find(StatusAnswer.read(status("10.0.0.1", "", true)), "127.0.0.1"::equals));
  }

  private static List<Finding> decoding(
      long records, long dropped, long sets, boolean payload, Json.Obj drops) {
    return decoding(exporter(records, dropped, sets, payload, drops));
  }

  private static Json.Obj exporter(
      long records, long dropped, long sets, boolean payload, Json.Obj drops) {
    SequencedMap<String, Json> exporter =
        new LinkedHashMap<>(
            ((Json.Obj) status("192.0.2.1", "", true).list("exporters").getFirst()).members());
    exporter.put("datagrams", Json.Num.of(100));
    exporter.put("records", Json.Num.of(records));
    exporter.put("records_dropped", Json.Num.of(dropped));
    exporter.put("sets_dropped", Json.Num.of(sets));
    exporter.put("payload_bytes", new Json.Bool(payload));
    exporter.put("drops", drops);
    return new Json.Obj(exporter);
  }

  private static List<Finding> decoding(Json.Obj exporter) {
    SequencedMap<String, Json> said = new LinkedHashMap<>(status("192.0.2.1", "", true).members());
    said.put("sources", new Json.Arr(List.of()));
    said.put("exporters", new Json.Arr(List.of(exporter)));
    return walk(HEALTHY, new Json.Obj(said)).stream()
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
        "1 of 100 records of exporter 192.0.2.1 were dropped: no_volume: 1", finding.message());
  }

  private static Finding fault(String reason, String... elements) {
    Json fault =
        Json.object()
            .put("template", 260)
            .put("domain", 7)
            .put("records_dropped", 1)
            .put("reason", reason)
            .put("elements", Stream.of(elements).<Json>map(Json.Text::new).toList())
            .build();
    Json.Obj drops = drops(reason, 1);
    Json.Obj exporter = exporter(9, 1, 0, false, drops);
    SequencedMap<String, Json> members = new LinkedHashMap<>(exporter.members());
    members.put("faulty_template", fault);
    return decoding(new Json.Obj(members)).getFirst();
  }

  @Test
  void a_drop_is_named_by_template_and_element() {
    assertEquals(
        "1 of 10 records of exporter 192.0.2.1 were dropped: no_volume: 1; most of them in template"
            + " 260 (domain 7), where these are 0: octetDeltaCount, packetDeltaCount",
        fault("no_volume", "octetDeltaCount", "packetDeltaCount").message());
    assertEquals(
        "1 of 10 records of exporter 192.0.2.1 were dropped: no_volume: 1; most of them in template"
            + " 260 (domain 7), which counts nothing (elements octetDeltaCount, packetDeltaCount)",
        fault("no_volume").message());
  }

  @Test
  void templates_that_are_missing_are_named_by_their_ids() {
    Json.Obj exporter = exporter(0, 0, 0, false, drops("no_template", 4));
    SequencedMap<String, Json> members = new LinkedHashMap<>(exporter.members());
    members.put("unknown_templates", new Json.Arr(List.of(Json.Num.of(256), Json.Num.of(300))));
    assertEquals(
        "exporter 192.0.2.1 sent 4 data sets whose templates are not known (templates 256, 300)",
        decoding(new Json.Obj(members)).getFirst().message());
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
  void data_that_waits_for_templates_is_told_also_beside_records_of_another_version() {
    Json.Obj exporter = exporter(5, 0, 0, false, drops("no_template", 0));
    SequencedMap<String, Json> members = new LinkedHashMap<>(exporter.members());
    members.put("templates", Json.Num.of(0));
    members.put("sets_waiting", Json.Num.of(1));
    Finding finding = decoding(new Json.Obj(members)).getFirst();
    assertEquals("templates_missing", finding.fault());
    assertEquals(State.WARNING, finding.state());
  }

  @Test
  void data_that_waited_and_became_nothing_is_told() {
    Json.Obj exporter = exporter(0, 0, 0, false, drops("no_template", 0));
    SequencedMap<String, Json> members = new LinkedHashMap<>(exporter.members());
    members.put("templates", Json.Num.of(0));
    members.put("waiting", Json.Num.of(3));
    members.put("sets_waiting", Json.Num.of(0));
    Finding finding = decoding(new Json.Obj(members)).getFirst();
    assertEquals("templates_missing", finding.fault());
    assertEquals(State.FAILED, finding.state());
  }

  @Test
  void datagrams_that_cannot_be_read_are_not_ok() {
    Json.Obj exporter = exporter(100, 0, 0, false, drops("unknown_version", 20));
    SequencedMap<String, Json> members = new LinkedHashMap<>(exporter.members());
    members.put("datagrams_dropped", Json.Num.of(20));
    Finding finding = decoding(new Json.Obj(members)).getFirst();
    assertEquals(State.WARNING, finding.state());
    assertEquals(
        "20 of 120 datagrams from exporter 192.0.2.1 are no flow export that can be read:"
            + " unknown_version: 20",
        finding.message());
    members.put("datagrams_dropped", Json.Num.of(400));
    assertEquals(State.FAILED, decoding(new Json.Obj(members)).getFirst().state());
  }

  @Test
  void payload_bytes_are_said_to_be_fewer_than_IP_bytes() {
    Finding finding = decoding(5, 0, 0, true, Json.object().build()).getFirst();
    assertEquals("payload_bytes", finding.fault());
    assertEquals(State.WARNING, finding.state());
  }

  @Test
  void a_policy_whose_counter_is_at_its_limit_is_named_and_not_ok() throws Exception {
    SequencedMap<String, Json> said = new LinkedHashMap<>(status("10.0.0.1", "", true).members());
    said.put("saturated", new Json.Arr(List.of(new Json.Text("voice"))));
    List<Finding> matching =
        walk(HEALTHY, new Json.Obj(said)).stream()
            .filter(finding -> finding.step() == Step.MATCHING)
            .toList();
    assertEquals(List.of("counter_saturated"), matching.stream().map(Finding::fault).toList());
    assertTrue(matching.getFirst().message().contains("policy 'voice'"), matching::toString);
  }

  @ParameterizedTest
  @CsvSource({"unmatched, unmatched traffic", "tunnels, tunnel traffic"})
  void traffic_of_no_policy_whose_counter_is_at_its_limit_is_named(String key, String name)
      throws Exception {
    SequencedMap<String, Json> said = new LinkedHashMap<>(status("10.0.0.1", "", true).members());
    said.put(key, Json.object().put("packets", 1).put("bytes", Long.MAX_VALUE).build());
    List<Finding> failed =
        walk(HEALTHY, new Json.Obj(said)).stream()
            .filter(finding -> finding.fault().equals("counter_saturated"))
            .toList();
    assertEquals(1, failed.size());
    assertTrue(failed.getFirst().message().contains("a counter of " + name), failed::toString);
  }

  @ParameterizedTest
  @CsvSource({"0, false", "1, true", "100, true"})
  void samples_whose_rate_their_pool_contradicts_are_a_warning(long samples, boolean said)
      throws Exception {
    Json.Obj status = status("10.0.0.1", "", true);
    SequencedMap<String, Json> exporter =
        new LinkedHashMap<>(((Json.Obj) status.list("exporters").getFirst()).members());
    exporter.put("records", new Json.Num("100"));
    exporter.put("rate_contradicted", new Json.Num(Long.toString(samples)));
    SequencedMap<String, Json> members = new LinkedHashMap<>(status.members());
    members.put("exporters", new Json.Arr(List.of(new Json.Obj(exporter))));
    List<Finding> findings = walk(HEALTHY, new Json.Obj(members));
    assertEquals(
        said ? List.of("sampling_contradicted") : List.of(), faults(findings, State.WARNING));
  }
}
