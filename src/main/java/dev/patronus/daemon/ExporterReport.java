package dev.patronus.daemon;

import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.UdpStatus;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.exporter.TemplateFault;
import dev.patronus.source.netflow.wire.Drop;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The part of the status report about flow exporters.
///
/// Pure.
final class ExporterReport {
  private ExporterReport() {}

  /// The fields of a source's status that only flow export has.
  static void put(DatagramSource source, Json.Builder json) {
    UdpStatus status = source.status();
    json.put("receive_buffer_asked", status.receiveBufferAsked())
        .put("receive_buffer_granted", status.receiveBufferGranted());
    status.kernelDropped().ifPresent(dropped -> json.put("kernel_dropped", dropped));
  }

  static Json of(String source, Map<IpAddress, String> names, ExporterStatus exporter) {
    Json.Builder json =
        Json.object()
            .put("source", source)
            .put("exporter", exporter.address())
            .put(
                "versions",
                String.join(", ", exporter.versions().stream().map(String::valueOf).toList()))
            .put("templates", exporter.templates())
            .put("sampling", exporter.rate().toString())
            .put("sampling_from", exporter.rate().origin().words());
    String name = names.get(IpAddress.parse(exporter.address()));
    if (name != null) {
      json.put("name", name);
    }
    if (exporter.rateSince() != null) {
      json.put("sampling_since", exporter.rateSince().toString());
    }
    if (exporter.lastSeen() != null) {
      json.put("last_seen", exporter.lastSeen().toString());
    }
    return json.put("datagrams", exporter.datagrams())
        .put("records", exporter.records())
        .put("dropped", exporter.drops().values().stream().mapToLong(Long::longValue).sum())
        .put("drops", drops(exporter.drops()))
        .put("datagrams_dropped", lossy(exporter.drops(), Drop.Unit.DATAGRAM))
        .put("records_dropped", lossy(exporter.drops(), Drop.Unit.RECORD))
        .put("sets_dropped", lossy(exporter.drops(), Drop.Unit.SET))
        .put("waiting", exporter.pending())
        .put("sets_waiting", exporter.waiting())
        .put("unknown_templates", ids(exporter.unknownTemplates()))
        .put("mismatched_templates", ids(exporter.mismatchedTemplates()))
        .put("faulty_template", exporter.fault().map(ExporterReport::fault).orElse(Json.Null.NULL))
        .put("payload_bytes", exporter.payloadBytes())
        .put("lost", exporter.lost())
        .put("restarts", exporter.restarts())
        .put("sampler_unknown", exporter.samplerUnknown())
        .put("agent_samples_dropped", exporter.agentDropped())
        .put("rate_contradicted", exporter.rateContradicted())
        .put("times_replaced", exporter.timesReplaced())
        .put("ingress", exporter.ingress())
        .put("egress", exporter.egress())
        .put("clock_skew_seconds", exporter.clockSkew().toSeconds())
        .build();
  }

  private static List<Json> ids(List<Integer> templates) {
    return templates.stream().map(ExporterReport::number).toList();
  }

  private static Json number(int id) {
    return Json.Num.of(id);
  }

  private static Json fault(TemplateFault fault) {
    return Json.object()
        .put("template", fault.template())
        .put("domain", Integer.toUnsignedLong(fault.domain()))
        .put("records_dropped", fault.records())
        .put("reason", fault.why().reason())
        .put("elements", fault.elements().stream().<Json>map(Json.Text::new).toList())
        .build();
  }

  /// The number of dropped items of a kind that may have carried traffic which is now missing.
  private static long lossy(Map<Drop, Long> drops, Drop.Unit unit) {
    return drops.entrySet().stream()
        .filter(each -> each.getKey().unit() == unit && each.getKey().loses())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static Json drops(Map<Drop, Long> drops) {
    Json.Builder json = Json.object();
    for (Drop why : Drop.values()) {
      if (drops.containsKey(why)) {
        json.put(why.name().toLowerCase(Locale.ROOT), drops.get(why));
      }
    }
    return json.build();
  }
}
