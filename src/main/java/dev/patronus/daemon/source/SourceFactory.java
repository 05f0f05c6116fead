package dev.patronus.daemon.source;

import dev.patronus.config.DaemonSettings;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Source;
import dev.patronus.source.SourceUri;
import dev.patronus.source.conntrack.ConntrackSource;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.Receivers;
import dev.patronus.source.netflow.TemplateFile;
import dev.patronus.source.netflow.UdpSource;
import dev.patronus.source.pcap.CaptureHistory;
import dev.patronus.source.pcap.PcapSource;
import dev.patronus.source.sflow.SflowSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;

/// Creates the configured sources; each does nothing until it is started.
final class SourceFactory {
  private SourceFactory() {}

  /// Checks whether [#of] accepts this URI, without creating a source.
  ///
  /// @throws IllegalArgumentException if its options are invalid
  static void check(SourceUri uri, DaemonSettings settings) {
    if (uri instanceof SourceUri.Udp udp) {
      NetflowSettings _ =
          NetflowSettings.of(udp, settings.allowExporters(), settings.corrections());
    }
    if (uri instanceof SourceUri.Pcap pcap && isDatabase(pcap, settings)) {
      throw new IllegalArgumentException("it is the database, not a capture");
    }
  }

  /// Whether a capture file is the database, which only SQLite may open.
  private static boolean isDatabase(SourceUri.Pcap pcap, DaemonSettings settings) {
    try {
      return !pcap.isStandardInput() && Files.isSameFile(Path.of(pcap.file()), settings.database());
    } catch (IOException _) {
      return false; // one of them is missing
    }
  }

  /// The receivers of an address, of which each is a source.
  static Receivers receivers(SourceUri.Udp uri, int count, Path stateDir) {
    return new Receivers(count, number -> TemplateFile.in(stateDir, name(uri, number)));
  }

  private static String name(SourceUri.Udp uri, int receiver) {
    return NetflowSettings.receiver(uri, receiver).text();
  }

  /// The source of this URI.
  ///
  /// @param history counts captures into the history of their own time
  /// @param receivers those of an address
  /// @throws IllegalArgumentException if its options are invalid
  static Source of(
      SourceUri uri,
      DaemonSettings settings,
      CaptureHistory history,
      Function<SourceUri.Udp, Receivers> receivers,
      Metrics metrics,
      Clock clock) {
    StateFiles files = new StateFiles(settings.stateDir(), settings.database());
    return switch (uri) {
      case SourceUri.Pcap pcap -> new PcapSource(pcap, history, metrics, clock);
      case SourceUri.Netflow netflow ->
          new UdpSource(
              netflow,
              NetflowSettings.of(netflow, settings.allowExporters(), settings.corrections()),
              receivers.apply(netflow),
              number -> Optional.of(files.totals(name(netflow, number))),
              metrics,
              clock);
      case SourceUri.Sflow sflow ->
          new SflowSource(
              sflow,
              NetflowSettings.of(sflow, settings.allowExporters(), settings.corrections()),
              receivers.apply(sflow),
              metrics,
              clock);
      case SourceUri.Conntrack _ ->
          new ConntrackSource(
              metrics, clock, ConntrackSource.READ_EVERY, Optional.of(files.conntrack()));
    };
  }
}
