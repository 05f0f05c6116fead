package dev.patronus.source.netflow;

import dev.patronus.source.Health;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import java.util.List;
import java.util.OptionalLong;

/// The status of a UDP source at one moment.
///
/// Immutable.
///
/// @param source its name
/// @param receiveBufferAsked bytes that the kernel was asked to keep for us
/// @param receiveBufferGranted bytes that it does keep; 0 while the source is closed
/// @param kernelDropped datagrams that it threw away because those were full; empty if unknown
/// @param exporters those that were heard of
public record UdpStatus(
    String source,
    Health health,
    int receiveBufferAsked,
    int receiveBufferGranted,
    OptionalLong kernelDropped,
    List<ExporterStatus> exporters) {
  public UdpStatus {
    exporters = List.copyOf(exporters);
  }
}
