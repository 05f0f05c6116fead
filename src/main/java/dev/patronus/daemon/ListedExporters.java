package dev.patronus.daemon;

import dev.patronus.daemon.source.SourceSupervisor;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The exporters that are listed for each source.
///
/// An exporter may arrive at another receiver of an address than in the run before, so that two
/// know it. It is listed for those that have received something of it in this run; if none has, for
/// the first one that knows it.
///
/// Immutable.
final class ListedExporters {
  private record Exporter(String source, String address) {}

  private final Set<Exporter> listed = new HashSet<>();

  ListedExporters(List<SourceSupervisor> sources) {
    Map<Exporter, Exporter> unheard = new HashMap<>();
    Set<Exporter> heard = new HashSet<>();
    for (SourceSupervisor source : sources) {
      if (source.source() instanceof DatagramSource udp) {
        for (ExporterStatus each : udp.exporters()) {
          Exporter everywhere = new Exporter(udp.address(), each.address());
          Exporter here = new Exporter(udp.name(), each.address());
          if (each.lastSeen() == null) {
            unheard.putIfAbsent(everywhere, here);
          } else {
            heard.add(everywhere);
            listed.add(here);
          }
        }
      }
    }
    unheard.keySet().removeAll(heard);
    listed.addAll(unheard.values());
  }

  /// Whether an exporter is listed for this source.
  boolean contains(DatagramSource source, String exporter) {
    return listed.contains(new Exporter(source.name(), exporter));
  }
}
