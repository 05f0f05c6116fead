package dev.patronus.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.policy.Mismatch;
import dev.patronus.policy.Verdict;
import dev.patronus.policy.rule.RuleField;
import dev.patronus.route.ExplanationDocument.Candidate;
import dev.patronus.route.ExplanationDocument.Considered;
import dev.patronus.route.ExplanationDocument.Taker;
import dev.patronus.site.Path;
import dev.patronus.site.PathStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ExplanationDocumentTest {
  private static final FlowKey FLOW =
      FlowKey.of(IpAddress.parse("2001:db8::1"), 40_000, IpAddress.parse("2001:db8::2"), 443, 89);

  /// What a daemon sent.
  private static final java.nio.file.Path SENT =
      java.nio.file.Path.of("src/test/resources/dev/patronus/route/explanation.json");

  private static Path path(long id, String status, Optional<String> wgInterface) {
    return new Path(
        id, "berlin", "lyon", "192.0.2.1:1", "[::1]:2", wgInterface, PathStatus.of(status));
  }

  private static Candidate candidate(Path path, double latencyMs) {
    PathMetrics metrics =
        new PathMetrics(
            path.id(), Instant.parse("2026-11-01T10:00:00.5Z"), latencyMs, 1, 0, 5, 0, 0);
    return new Candidate(
        path,
        92.5,
        Optional.of(metrics),
        OptionalDouble.of(0.1),
        List.of(new ScoreComponent(Metric.LATENCY, OptionalDouble.of(latencyMs), 92.5, 1)));
  }

  private static ExplanationDocument routed(Candidate best) {
    return new ExplanationDocument(
        FLOW,
        new PathScope(Optional.of("berlin"), Optional.empty()),
        "routed",
        "it scores best of 2",
        true,
        1.25,
        false,
        Optional.of(new Taker(-1, "voice \"1\"", 7, "everything", "LowestLatency")),
        Optional.of(best),
        List.of("one", "two"),
        List.of("oslo"),
        List.of(
            best,
            new Candidate(
                path(8, "up", Optional.empty()),
                0,
                Optional.empty(),
                OptionalDouble.empty(),
                List.of())),
        2,
        List.of(path(9, "in repair", Optional.empty())),
        1,
        List.of(
            new Considered(
                3,
                "office",
                9,
                Verdict.Outcome.DIFFERS,
                "protocol is 89, not tcp",
                List.of(new Mismatch(RuleField.PROTOCOL, "89", "tcp")),
                "policy 'office' would take it if its rule had the protocol 89",
                17)),
        40,
        39);
  }

  private static ExplanationDocument unmatched() {
    return new ExplanationDocument(
        FLOW,
        PathScope.ALL,
        "unmatched",
        "no policy matches; no path selected",
        false,
        0,
        true,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        0,
        List.of(),
        0,
        List.of(),
        0,
        0);
  }

  @Test
  void what_was_written_is_read_as_it_was() {
    ExplanationDocument routed = routed(candidate(path(7, "up", Optional.of("wg0")), 15));
    assertEquals(routed, ExplanationDocument.read(routed.json()));
    assertEquals(unmatched(), ExplanationDocument.read(unmatched().json()));
  }

  @Test
  void a_document_that_was_read_is_written_as_it_was() {
    String text = routed(candidate(path(7, "up", Optional.of("wg0")), 15)).json().toString();
    Json.Obj read = (Json.Obj) Json.parse(text);
    assertEquals(text, ExplanationDocument.read(read).json().toString());
  }

  @Test
  void the_explanation_of_a_daemon_is_written_as_it_was_read() throws IOException {
    String sent = Files.readString(SENT).strip();
    assertEquals(
        sent, ExplanationDocument.Live.read((Json.Obj) Json.parse(sent)).json().toString());
  }

  @Test
  void what_a_newer_daemon_adds_is_passed_over() throws IOException {
    String sent = Files.readString(SENT).strip();
    String newer = sent.replace("}", ",\"added_later\":[1]}");
    assertEquals(
        sent, ExplanationDocument.Live.read((Json.Obj) Json.parse(newer)).json().toString());
  }

  @Test
  void a_measurement_that_is_infinite_is_null_and_stays_null() {
    Candidate best = candidate(path(7, "up", Optional.empty()), Double.POSITIVE_INFINITY);
    Json.Obj json = routed(best).json();
    assertTrue(json.object("path").find("latency_ms").isEmpty(), json::toString);
    assertEquals(json.toString(), ExplanationDocument.read(json).json().toString());
  }
}
