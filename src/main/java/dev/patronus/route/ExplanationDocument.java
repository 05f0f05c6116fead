package dev.patronus.route;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.policy.Mismatch;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.Verdict;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.policy.rule.RuleField;
import dev.patronus.site.Path;
import dev.patronus.site.PathStatus;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// The explanation of a flow's path as the daemon sends it, programs read it, and the text for
/// people is made of it.
///
/// Immutable. Of candidates, unusable paths and policies it has [PathExplanation#MOST] each, and
/// their numbers in all. Numbers that JSON cannot write, NaN and the infinite ones, are null there
/// and NaN after reading.
///
/// @param decision `routed`, `unmatched`, `preference_unreadable` or `no_path`
/// @param reason of the decision, as a clause
/// @param ageSeconds how long the decision has been in the cache
/// @param upToDate whether the decision would be the same if it were made now
/// @param changes what would lead to another decision, as sentences without their end
public record ExplanationDocument(
    FlowKey flow,
    PathScope scope,
    String decision,
    String reason,
    boolean cached,
    double ageSeconds,
    boolean upToDate,
    Optional<Taker> policy,
    Optional<Candidate> path,
    List<String> changes,
    List<String> cutOffSites,
    List<Candidate> candidates,
    long candidatesTotal,
    List<Path> unusable,
    long unusableTotal,
    List<Considered> policies,
    long policiesTotal,
    long policiesBefore) {

  /// The policy that takes the flow.
  ///
  /// @param matches its rules, in words
  /// @param prefers its path preference, in words
  public record Taker(long id, String name, long priority, String matches, String prefers) {
    private Json.Obj json() {
      return Json.object()
          .put("policy_id", PolicyId.format(id))
          .put("name", name)
          .put("priority", priority)
          .put("matches", matches)
          .put("prefers", prefers)
          .build();
    }

    private static Taker read(Json.Obj json) {
      return new Taker(
          PolicyId.parse(json.text("policy_id")),
          json.text("name"),
          json.integer("priority"),
          json.text("matches"),
          json.text("prefers"));
    }
  }

  /// A path that could carry the flow.
  ///
  /// @param score 0 (useless) to 100 (perfect)
  /// @param metrics its latest measurement; without MTU and the platform's score after reading
  public record Candidate(
      Path path,
      double score,
      Optional<PathMetrics> metrics,
      OptionalDouble costPerGb,
      List<ScoreComponent> parts) {
    private static final List<String> METRICS =
        List.of("measured_at", "latency_ms", "jitter_ms", "packet_loss_pct", "bandwidth_mbps");

    private Json.Obj json() {
      Json.Builder json = members(path).put("score", score);
      metrics.ifPresentOrElse(
          measured -> put(json, measured), () -> METRICS.forEach(json::putNull));
      put(json, "cost_per_gb", costPerGb);
      return json.put("parts", partsJson()).build();
    }

    /// The parts of the score as JSON.
    public List<Json> partsJson() {
      return parts.stream().<Json>map(ExplanationDocument::json).toList();
    }

    private static Candidate read(Json.Obj json) {
      Path path = readPath(json);
      return new Candidate(
          path,
          json.number("score").toDouble(),
          json.findTime("measured_at").map(at -> readMetrics(path.id(), at, json)),
          number(json, "cost_per_gb"),
          json.objects("parts", ExplanationDocument::readPart));
    }
  }

  /// A policy that was asked about the flow, or would have been, with its verdict.
  ///
  /// @param change what would make it take the flow, as a sentence; empty if nothing would
  /// @param distance of its conditions from fitting, to compare policies by
  public record Considered(
      long id,
      String name,
      long priority,
      Verdict.Outcome outcome,
      String reason,
      List<Mismatch> mismatches,
      String change,
      long distance) {
    static Considered of(Verdict verdict) {
      return new Considered(
          verdict.policy().id(),
          verdict.policy().name(),
          verdict.policy().priority(),
          verdict.outcome(),
          verdict.reason(),
          verdict.mismatches(),
          verdict.change(),
          verdict.distance());
    }

    private Json.Obj json() {
      return Json.object()
          .put("policy_id", PolicyId.format(id))
          .put("name", name)
          .put("priority", priority)
          .put("outcome", outcome.name().toLowerCase(Locale.ROOT))
          .put("reason", reason)
          .putObjects("mismatches", mismatches, ExplanationDocument::json)
          .put("change", change)
          .put("distance", distance)
          .build();
    }

    private static Considered read(Json.Obj json) {
      return new Considered(
          PolicyId.parse(json.text("policy_id")),
          json.text("name"),
          json.integer("priority"),
          Verdict.Outcome.valueOf(json.text("outcome").toUpperCase(Locale.ROOT)),
          json.text("reason"),
          json.objects("mismatches", ExplanationDocument::readMismatch),
          json.text("change"),
          json.integer("distance"));
    }
  }

  /// An explanation by a daemon.
  ///
  /// @param database the daemon's database file
  public record Live(String database, ExplanationDocument explanation) {
    public Json.Obj json() {
      return Json.object().put("database", database).put("explanation", explanation.json()).build();
    }

    /// Reads what [#json()] wrote.
    ///
    /// @throws IllegalArgumentException if it is another document
    public static Live read(Json.Obj json) {
      return new Live(json.text("database"), ExplanationDocument.read(json.object("explanation")));
    }
  }

  /// The class of the flow's application, by its protocol and destination port.
  public ApplicationClass application() {
    return ApplicationClass.of(flow);
  }

  public Json.Obj json() {
    Json.Builder json =
        Json.object()
            .put("flow", flowJson())
            .put("decision", decision)
            .put("reason", reason)
            .put("cached", cached)
            .put("age_seconds", ageSeconds)
            .put("up_to_date", upToDate);
    json.putOrNull("policy", policy.map(Taker::json));
    json.putOrNull("path", path.map(Candidate::json));
    return json.putTexts("changes", changes)
        .putTexts("cut_off_sites", cutOffSites)
        .putObjects("candidates", candidates, Candidate::json)
        .put("candidates_total", candidatesTotal)
        .putObjects("unusable", unusable, each -> members(each).build())
        .put("unusable_total", unusableTotal)
        .putObjects("policies", policies, Considered::json)
        .put("policies_total", policiesTotal)
        .put("policies_before", policiesBefore)
        .build();
  }

  /// Reads what [#json()] wrote.
  ///
  /// @throws IllegalArgumentException if it is another document
  public static ExplanationDocument read(Json.Obj json) {
    Json.Obj flow = json.object("flow");
    return new ExplanationDocument(
        readFlow(flow),
        new PathScope(flow.findText("from_site_id"), flow.findText("to_site_id")),
        json.text("decision"),
        json.text("reason"),
        json.bool("cached"),
        json.number("age_seconds").toDouble(),
        json.bool("up_to_date"),
        json.findObject("policy").map(Taker::read),
        json.findObject("path").map(Candidate::read),
        json.texts("changes"),
        json.texts("cut_off_sites"),
        json.objects("candidates", Candidate::read),
        json.integer("candidates_total"),
        json.objects("unusable", ExplanationDocument::readPath),
        json.integer("unusable_total"),
        json.objects("policies", Considered::read),
        json.integer("policies_total"),
        json.integer("policies_before"));
  }

  private Json.Obj flowJson() {
    return Json.object()
        .put("src_ip", flow.src().toString())
        .put("src_port", flow.srcPort())
        .put("dst_ip", flow.dst().toString())
        .put("dst_port", flow.dstPort())
        .put("protocol", ProtocolName.of(flow.protocol()))
        .put("application_class", application().toString())
        .putOrNull("from_site_id", scope.fromSiteId())
        .putOrNull("to_site_id", scope.toSiteId())
        .build();
  }

  private static FlowKey readFlow(Json.Obj json) {
    return FlowKey.of(
        IpAddress.parse(json.text("src_ip")),
        Math.toIntExact(json.integer("src_port")),
        IpAddress.parse(json.text("dst_ip")),
        Math.toIntExact(json.integer("dst_port")),
        ProtocolName.parse(json.text("protocol")));
  }

  private static Json.Builder members(Path path) {
    return Json.object()
        .put("path_id", Long.toString(path.id()))
        .put("src_site_id", path.srcSiteId())
        .put("dst_site_id", path.dstSiteId())
        .put("src_endpoint", path.srcEndpoint())
        .put("dst_endpoint", path.dstEndpoint())
        .put("status", path.status().text())
        .putOrNull("wg_interface", path.wgInterface());
  }

  private static Path readPath(Json.Obj json) {
    return new Path(
        Long.parseLong(json.text("path_id")),
        json.text("src_site_id"),
        json.text("dst_site_id"),
        json.text("src_endpoint"),
        json.text("dst_endpoint"),
        json.findText("wg_interface"),
        PathStatus.of(json.text("status")));
  }

  private static void put(Json.Builder json, PathMetrics metrics) {
    json.put("measured_at", metrics.measuredAt().toString());
    put(json, "latency_ms", OptionalDouble.of(metrics.latencyMs()));
    put(json, "jitter_ms", OptionalDouble.of(metrics.jitterMs()));
    put(json, "packet_loss_pct", OptionalDouble.of(metrics.packetLossPct()));
    put(json, "bandwidth_mbps", OptionalDouble.of(metrics.bandwidthMbps()));
  }

  private static PathMetrics readMetrics(long pathId, Instant measuredAt, Json.Obj json) {
    return new PathMetrics(
        pathId,
        measuredAt,
        number(json, "latency_ms").orElse(Double.NaN),
        number(json, "jitter_ms").orElse(Double.NaN),
        number(json, "packet_loss_pct").orElse(Double.NaN),
        number(json, "bandwidth_mbps").orElse(Double.NaN),
        0,
        0);
  }

  private static Json.Obj json(ScoreComponent part) {
    Json.Builder json =
        Json.object().put("figure", part.figure().word()).put("unit", part.figure().unit());
    put(json, "value", part.value());
    return json.put("score", part.score()).put("weight", part.weight()).build();
  }

  private static ScoreComponent readPart(Json.Obj json) {
    return new ScoreComponent(
        Metric.valueOf(json.text("figure").toUpperCase(Locale.ROOT)),
        number(json, "value"),
        json.number("score").toDouble(),
        json.number("weight").toDouble());
  }

  private static Json.Obj json(Mismatch mismatch) {
    return Json.object()
        .put("field", mismatch.field().toString())
        .put("flow", mismatch.flowValue())
        .put("rule", mismatch.ruleValue())
        .put("reason", mismatch.reason())
        .build();
  }

  private static Mismatch readMismatch(Json.Obj json) {
    return new Mismatch(
        RuleField.valueOf(json.text("field").toUpperCase(Locale.ROOT)),
        json.text("flow"),
        json.text("rule"));
  }

  private static void put(Json.Builder json, String name, OptionalDouble value) {
    if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
      json.put(name, value.getAsDouble());
    } else {
      json.putNull(name);
    }
  }

  private static OptionalDouble number(Json.Obj json, String name) {
    return json.find(name).isPresent()
        ? OptionalDouble.of(json.number(name).toDouble())
        : OptionalDouble.empty();
  }
}
