package dev.patronus.daemon;

import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.ExporterAnswer.Drops;
import dev.patronus.control.answer.ExporterAnswer.FaultyTemplate;
import dev.patronus.control.answer.ExporterAnswer.Waiting;
import dev.patronus.flow.IpAddress;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.exporter.TemplateFault;
import dev.patronus.source.netflow.wire.Drop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The part of the status about one exporter.
///
/// Pure.
final class ExporterReport {
  private ExporterReport() {}

  /// @param names those of exporters, as configured
  static ExporterAnswer of(String source, Map<IpAddress, String> names, ExporterStatus exporter) {
    return new ExporterAnswer(
        source,
        exporter.address(),
        exporter.versions().stream().map(String::valueOf).collect(Collectors.joining(", ")),
        exporter.templates(),
        exporter.rate().toString(),
        exporter.rate().origin().words(),
        Optional.ofNullable(names.get(IpAddress.parse(exporter.address()))),
        Optional.ofNullable(exporter.rateSince()),
        Optional.ofNullable(exporter.lastSeen()),
        exporter.datagrams(),
        exporter.records(),
        drops(exporter.drops()),
        new Waiting(
            Optional.of(exporter.pending()),
            Optional.of((long) exporter.waiting()),
            Optional.of(ids(exporter.unknownTemplates())),
            Optional.of(ids(exporter.mismatchedTemplates()))),
        exporter.fault().map(ExporterReport::fault),
        Optional.of(exporter.payloadBytes()),
        exporter.lost(),
        exporter.restarts(),
        exporter.samplerUnknown(),
        Optional.of(exporter.agentDropped()),
        Optional.of(exporter.rateContradicted()),
        exporter.timesReplaced(),
        exporter.ingress(),
        exporter.egress(),
        exporter.clockSkew().toSeconds());
  }

  private static List<Long> ids(List<Integer> templates) {
    return templates.stream().map(Integer::longValue).toList();
  }

  private static FaultyTemplate fault(TemplateFault fault) {
    return new FaultyTemplate(
        fault.template(),
        Integer.toUnsignedLong(fault.domain()),
        fault.records(),
        fault.why().reason(),
        fault.elements());
  }

  private static Drops drops(Map<Drop, Long> drops) {
    Map<String, Long> reasons = new LinkedHashMap<>();
    for (Drop why : Drop.values()) {
      if (drops.containsKey(why)) {
        reasons.put(why.name().toLowerCase(Locale.ROOT), drops.get(why));
      }
    }
    return new Drops(
        drops.values().stream().mapToLong(Long::longValue).sum(),
        reasons,
        lossy(drops, Drop.Unit.DATAGRAM),
        lossy(drops, Drop.Unit.RECORD),
        lossy(drops, Drop.Unit.SET));
  }

  /// The number of dropped items of a kind that may have carried traffic which is now missing.
  private static Optional<Long> lossy(Map<Drop, Long> drops, Drop.Unit unit) {
    return Optional.of(
        drops.entrySet().stream()
            .filter(each -> each.getKey().unit() == unit && each.getKey().loses())
            .mapToLong(Map.Entry::getValue)
            .sum());
  }
}
