package dev.patronus.source.pcap;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.EndedEarly;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// What came of reading a capture from memory.
///
/// @param end the sentence of an early end; empty after a whole capture
record CaptureReading(List<FlowRecord> records, String end, Metrics metrics) {
  static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  static CaptureReading of(CaptureBytes capture) throws IOException {
    return of(capture.bytes());
  }

  static CaptureReading of(byte... capture) throws IOException {
    return of(new ByteArrayInputStream(capture));
  }

  /// @throws IOException if it is no capture
  static CaptureReading of(InputStream capture) throws IOException {
    List<FlowRecord> records = new ArrayList<>();
    Metrics metrics = new Metrics();
    FlowSink sink = records::add;
    PacketCounts counts =
        new PacketCounts(
            "pcap:test", new CaptureProgress("", sink), metrics, InstantSource.fixed(NOW));
    CaptureInput input = new CaptureInput(capture, counts::flush);
    CaptureFormat format = CaptureFormat.open(input);
    try {
      while (format.next(input, counts)) {}
      return new CaptureReading(records, "", metrics);
    } catch (EndedEarly e) {
      return new CaptureReading(records, e.getMessage(), metrics);
    }
  }

  List<Integer> ports() {
    return records.stream().map(record -> record.key().dstPort()).toList();
  }

  List<Long> times() {
    return records.stream().map(FlowRecord::startMillis).toList();
  }

  long dropped(String reason) {
    return metrics.count("pcap_packets_dropped", "source", "pcap:test", "reason", reason);
  }

  long doubtful(String reason) {
    return metrics.count("pcap_packets_doubtful", "source", "pcap:test", "reason", reason);
  }
}
