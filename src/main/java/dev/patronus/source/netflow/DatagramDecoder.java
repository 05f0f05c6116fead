package dev.patronus.source.netflow;

import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.exporter.TemplateListing;
import dev.patronus.source.netflow.wire.Timestamps;
import java.util.List;

/// Turns the datagrams of one protocol into flow records.
///
/// Confined to one thread, except for [#use], [#exporters] and [#templates].
public interface DatagramDecoder {
  /// Uses other settings from the next datagram on.
  void use(NetflowSettings settings);

  /// Prepares for exporters whose datagrams have gone to another receiver of the address until now,
  /// and the other way round.
  void redistributed(Receivers receivers, Timestamps now);

  /// Reads one datagram. Never throws because of its content.
  ///
  /// @param sender the address that it came from
  /// @param port the port that it was sent from
  /// @param datagram its first `length` bytes; not kept
  /// @param arrival when it came
  void decode(
      IpAddress sender, int port, byte[] datagram, int length, Timestamps arrival, FlowSink sink);

  /// Drops what has waited too long. To be called regularly, also when nothing arrives.
  void tick(Timestamps now);

  /// Counts a datagram whose decoding failed because of a defect of this program.
  void defect(IpAddress sender);

  /// The status of each exporter.
  List<ExporterStatus> exporters();

  /// The templates and announced sampling rates of each exporter.
  List<TemplateListing> templates();
}
