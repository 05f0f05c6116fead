package dev.patronus.control.answer;

import dev.patronus.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The status of an exporter. The counts are those of the daemon's process.
///
/// Immutable. What older daemons do not say is empty.
///
/// @param source the source that it sends to
/// @param exporter its address, without port
/// @param versions of its datagrams: `9, 10`
/// @param templates how many of its templates and options templates are known
/// @param sampling the rate that was last applied, as in `1:100`
/// @param samplingFrom where that rate comes from
/// @param name as configured
/// @param samplingSince when that rate was first applied; empty if no flow came yet
/// @param lastSeen when its last datagram came; empty if none has since the start of the process
/// @param datagrams those that were understood
/// @param records the flow records that were handed on
/// @param payloadBytes whether it counts payload, without the headers
/// @param lost units missing in its numbering
/// @param restarts how often its numbering restarted
/// @param samplerUnknown records whose sampler never announced a rate
/// @param agentSamplesDropped samples that an sFlow agent dropped itself
/// @param rateContradicted samples whose rate is not that of the growth of their pool
/// @param timesReplaced records whose times were replaced by their arrival
/// @param ingress records that say they were seen coming in
/// @param egress records that say they were seen going out
/// @param clockSkewSeconds how far its clock is ahead of ours; negative if it is behind
public record ExporterAnswer(
    String source,
    String exporter,
    String versions,
    long templates,
    String sampling,
    String samplingFrom,
    Optional<String> name,
    Optional<Instant> samplingSince,
    Optional<Instant> lastSeen,
    long datagrams,
    long records,
    Drops drops,
    Waiting waiting,
    Optional<FaultyTemplate> faultyTemplate,
    Optional<Boolean> payloadBytes,
    long lost,
    long restarts,
    long samplerUnknown,
    Optional<Long> agentSamplesDropped,
    Optional<Long> rateContradicted,
    long timesReplaced,
    long ingress,
    long egress,
    long clockSkewSeconds) {

  /// The number of the receiver of its source's address that hears it, from 1.
  public long receiver() {
    return SourceAnswer.receiver(source);
  }

  /// What was dropped.
  ///
  /// @param total of whatever kind
  /// @param reasons how many for which reason
  /// @param datagrams those that may have carried traffic which is now missing
  /// @param records likewise
  /// @param sets likewise
  public record Drops(
      long total,
      Map<String, Long> reasons,
      Optional<Long> datagrams,
      Optional<Long> records,
      Optional<Long> sets) {
    private void put(Json.Builder json) {
      json.put("dropped", total)
          .put("drops", Counts.json(reasons))
          .putIfPresent("datagrams_dropped", datagrams)
          .putIfPresent("records_dropped", records)
          .putIfPresent("sets_dropped", sets);
    }

    private static Drops read(Json.Obj json) {
      return new Drops(
          json.integer("dropped"),
          Counts.read(json.object("drops")),
          json.findInteger("datagrams_dropped"),
          json.findInteger("records_dropped"),
          json.findInteger("sets_dropped"));
    }

    /// How many were dropped for this reason.
    public long of(String reason) {
      return reasons.getOrDefault(reason, 0L);
    }
  }

  /// Data sets and their templates.
  ///
  /// @param sets that waited for their template, whether it came or not
  /// @param now that wait for their template now
  /// @param unknown ids of templates that did not come
  /// @param mismatched ids of templates that data sets did not fit
  public record Waiting(
      Optional<Long> sets,
      Optional<Long> now,
      Optional<List<Long>> unknown,
      Optional<List<Long>> mismatched) {
    private void put(Json.Builder json) {
      json.putIfPresent("waiting", sets).putIfPresent("sets_waiting", now);
      unknown.ifPresent(ids -> json.put("unknown_templates", numbers(ids)));
      mismatched.ifPresent(ids -> json.put("mismatched_templates", numbers(ids)));
    }

    private static List<Json> numbers(List<Long> ids) {
      return ids.stream().<Json>map(Json.Num::of).toList();
    }

    private static Waiting read(Json.Obj json) {
      return new Waiting(
          json.findInteger("waiting"),
          json.findInteger("sets_waiting"),
          json.find("unknown_templates").map(_ -> json.integers("unknown_templates")),
          json.find("mismatched_templates").map(_ -> json.integers("mismatched_templates")));
    }
  }

  /// The template of which most records were dropped.
  ///
  /// @param domain the observation domain
  /// @param elements the names of the information elements that decided about that
  public record FaultyTemplate(
      long template, long domain, long recordsDropped, String reason, List<String> elements) {
    private Json.Obj json() {
      return Json.object()
          .put("template", template)
          .put("domain", domain)
          .put("records_dropped", recordsDropped)
          .put("reason", reason)
          .putTexts("elements", elements)
          .build();
    }

    private static FaultyTemplate read(Json.Obj json) {
      return new FaultyTemplate(
          json.integer("template"),
          json.integer("domain"),
          json.integer("records_dropped"),
          json.text("reason"),
          json.texts("elements"));
    }
  }

  Json.Obj json() {
    Json.Builder json =
        Json.object()
            .put("source", source)
            .put("exporter", exporter)
            .put("versions", versions)
            .put("templates", templates)
            .put("sampling", sampling)
            .put("sampling_from", samplingFrom)
            .putIfPresent("name", name)
            .putIfPresent("sampling_since", samplingSince)
            .putIfPresent("last_seen", lastSeen)
            .put("datagrams", datagrams)
            .put("records", records);
    drops.put(json);
    waiting.put(json);
    return json.putOrNull("faulty_template", faultyTemplate.map(FaultyTemplate::json))
        .putIfPresent("payload_bytes", payloadBytes)
        .put("lost", lost)
        .put("restarts", restarts)
        .put("sampler_unknown", samplerUnknown)
        .putIfPresent("agent_samples_dropped", agentSamplesDropped)
        .putIfPresent("rate_contradicted", rateContradicted)
        .put("times_replaced", timesReplaced)
        .put("ingress", ingress)
        .put("egress", egress)
        .put("clock_skew_seconds", clockSkewSeconds)
        .build();
  }

  static ExporterAnswer read(Json.Obj json) {
    return new ExporterAnswer(
        json.text("source"),
        json.text("exporter"),
        json.text("versions"),
        json.integer("templates"),
        json.text("sampling"),
        json.text("sampling_from"),
        json.findText("name"),
        json.findTime("sampling_since"),
        json.findTime("last_seen"),
        json.integer("datagrams"),
        json.integer("records"),
        Drops.read(json),
        Waiting.read(json),
        json.findObject("faulty_template").map(FaultyTemplate::read),
        json.findBool("payload_bytes"),
        json.integer("lost"),
        json.integer("restarts"),
        json.integer("sampler_unknown"),
        json.findInteger("agent_samples_dropped"),
        json.findInteger("rate_contradicted"),
        json.integer("times_replaced"),
        json.integer("ingress"),
        json.integer("egress"),
        json.integer("clock_skew_seconds"));
  }
}
