package dev.patronus.daemon;

import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.SourceAnswer;
import dev.patronus.control.answer.StatusAnswer.Counter;
import dev.patronus.control.answer.StatusAnswer.KernelProblem;
import dev.patronus.daemon.source.SourceSupervisor;
import dev.patronus.metrics.Metrics;
import dev.patronus.metrics.Metrics.Reading;
import dev.patronus.source.Health;
import dev.patronus.source.conntrack.ConntrackCheck;
import dev.patronus.source.conntrack.ConntrackSource;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.UdpStatus;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The part of the status about sources, their exporters, and their counters.
///
/// Pure.
final class SourceReport {
  private final List<SourceSupervisor> sources;
  private final List<Reading> readings;

  SourceReport(List<SourceSupervisor> sources, Metrics metrics) {
    this.sources = sources;
    this.readings = metrics.readings();
  }

  List<SourceAnswer> sources() {
    return sources.stream().map(this::source).toList();
  }

  List<ExporterAnswer> exporters() {
    ListedExporters listed = new ListedExporters(sources);
    return sources.stream().flatMap(source -> exporters(source, listed)).toList();
  }

  /// What the kernel's accounting lacks, in order of severity; empty if no source needs it.
  Optional<List<KernelProblem>> conntrack() {
    return sources.stream()
        .map(SourceSupervisor::source)
        .filter(ConntrackSource.class::isInstance)
        .map(ConntrackSource.class::cast)
        .findFirst()
        .map(source ->
            ConntrackCheck.run().problems(source.losesEntries()).stream()
                .map(each -> new KernelProblem(each.fault().label(), each.message(), each.next()))
                .toList());
  }

  /// The counters, each by its name, without those of single exporters.
  List<Counter> counters() {
    return readings.stream()
        .filter(reading -> !reading.series().labels().containsKey("exporter"))
        .map(reading ->
            new Counter(reading.series().name(), reading.series().labels(), reading.value()))
        .toList();
  }

  private SourceAnswer source(SourceSupervisor source) {
    String name = source.name();
    Health health = source.health();
    Optional<DatagramSource> udp =
        source.source() instanceof DatagramSource datagrams
            ? Optional.of(datagrams)
            : Optional.empty();
    Optional<UdpStatus> status = udp.map(DatagramSource::status);
    return new SourceAnswer(
        name,
        state(health),
        reason(health),
        // of a capture that is cut off
        health instanceof Health.Ended(String remark) && !remark.isEmpty()
            ? Optional.of(remark)
            : Optional.empty(),
        status.map(each -> (long) each.receiveBufferAsked()),
        status.map(each -> (long) each.receiveBufferGranted()),
        status.flatMap(SourceReport::kernelDropped),
        udp.map(_ -> strangers(name)),
        sum(name, "_received"),
        sum(name, "_decoded"),
        sum(name, "_dropped"),
        sum(name, "_lost"));
  }

  private static String state(Health health) {
    return switch (health) {
      case Health.Idle _ -> "idle";
      case Health.Running _ -> "running";
      case Health.Ended _ -> "ended";
      case Health.Failed _, Health.Unreadable _ -> "failed";
    };
  }

  private static Optional<String> reason(Health health) {
    return switch (health) {
      case Health.Failed(String reason) -> Optional.of(reason);
      case Health.Unreadable(String reason) -> Optional.of(reason);
      case Health.Idle _, Health.Running _, Health.Ended _ -> Optional.empty();
    };
  }

  private static Optional<Long> kernelDropped(UdpStatus status) {
    return status.kernelDropped().isPresent()
        ? Optional.of(status.kernelDropped().getAsLong())
        : Optional.empty();
  }

  /// The drops from unknown senders, by reason.
  private Map<String, Long> strangers(String source) {
    Map<String, Long> strangers = new LinkedHashMap<>();
    for (Reading reading : readings) {
      Map<String, String> labels = reading.series().labels();
      if (source.equals(labels.get("source"))
          && "unknown".equals(labels.get("exporter"))
          && labels.containsKey("reason")
          && reading.value() > 0) {
        strangers.put(labels.get("reason"), reading.value());
      }
    }
    return strangers;
  }

  private static Stream<ExporterAnswer> exporters(SourceSupervisor source, ListedExporters listed) {
    return source.source() instanceof DatagramSource udp
        ? udp.exporters().stream()
            .filter(each -> hasSentAnything(each) && listed.contains(udp, each.address()))
            .map(each -> ExporterReport.of(source.name(), udp.exporterNames(), each))
        : Stream.empty();
  }

  /// Whether an address has sent more than empty datagrams; such senders, of which there may be any
  /// number, are only counted.
  private static boolean hasSentAnything(ExporterStatus exporter) {
    return exporter.records() > 0
        || exporter.templates() > 0
        || exporter.pending() > 0
        || !exporter.drops().isEmpty();
  }

  private long sum(String source, String ending) {
    return readings.stream()
        .filter(reading -> source.equals(reading.series().labels().get("source")))
        .filter(reading -> reading.series().name().endsWith(ending))
        .mapToLong(Reading::value)
        .sum();
  }
}
