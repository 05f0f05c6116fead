package dev.patronus.source.sflow;

import dev.patronus.metrics.Metrics;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.Receivers;
import java.time.InstantSource;

/// sFlow source on a UDP port.
///
/// Safe from any thread.
public final class SflowSource extends DatagramSource {
  /// Creates a source that opens nothing before it is started.
  ///
  /// @param receivers those of the address, of which this source is one
  /// @param clock the wall clock; what lasts is measured by the machine's monotonic clock
  public SflowSource(
      SourceUri.Sflow uri,
      NetflowSettings settings,
      Receivers receivers,
      Metrics metrics,
      InstantSource clock) {
    super(
        uri,
        settings,
        new SflowDecoder(settings, metrics, uri.text(), receivers.count()),
        receivers,
        clock);
    register(metrics);
  }
}
