package dev.patronus.source.pcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import java.io.IOException;

/// What holds for the reading of any bytes as a capture.
final class FuzzedCapture {
  private FuzzedCapture() {}

  static void read(byte... input) {
    try {
      CaptureReading reading = CaptureReading.of(input);
      assertEquals(
          reading.metrics().total("pcap_packets_received"),
          reading.metrics().total("pcap_packets_decoded")
              + reading.metrics().total("pcap_packets_dropped"),
          "each packet is decoded or dropped");
      assertTrue(reading.end().lines().count() <= 1, "one line");
      for (FlowRecord record : reading.records()) {
        assertTrue(record.packets() >= 0 && record.bytes() >= 0, "a negative volume");
      }
    } catch (IOException e) {
      assertTrue(e.getMessage() != null && e.getMessage().lines().count() == 1, "one line");
    }
  }
}
