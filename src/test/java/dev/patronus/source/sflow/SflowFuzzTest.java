package dev.patronus.source.sflow;

import static dev.patronus.testing.SflowDatagram.tcpFrame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.wire.Timestamps;
import dev.patronus.testing.SflowDatagram;
import dev.patronus.testing.SflowDatagram.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class SflowFuzzTest {
  static Stream<byte[]> seeds() {
    return Stream.of(
        new SflowDatagram("192.0.2.1", 0, 1)
            .sample(new Sample(1, 100, 100, 0).rawHeader(tcpFrame(1000), 1018, 4))
            .sample(2, new byte[8])
            .bytes(),
        new SflowDatagram("2001:db8::1", 3, 1)
            .sample(
                new Sample(true, 2, 3, 100, 200, 0)
                    .ethernet(100, 0x86dd)
                    .ip(80, 6, "2001:db8::1", 1, "2001:db8::2", 2))
            .bytes());
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_datagram_is_counted_or_dropped(byte[] input) {
    if (input.length >= 4) {
      input[0] = 0;
      input[1] = 0;
      input[2] = 0;
      input[3] = 5;
    }
    List<FlowRecord> flows = new ArrayList<>();
    SflowDecoder decoder = new SflowDecoder(NetflowSettings.PLAIN, new Metrics(), "sflow");
    decoder.decode(
        IpAddress.parse("192.0.2.9"), 1, input, input.length, new Timestamps(1, 1), flows::add);
    // A sample has two headers of 8 bytes and a packet with two addresses.
    assertTrue(flows.size() <= input.length / 24, "more flows than there is room for");
    for (FlowRecord flow : flows) {
      // The fraction of a packet that a rate such as 19 of 10 leaves counts for the next flow.
      assertTrue(flow.packets() > 0, "no packets");
      assertTrue(flow.bytes() / (flow.packets() + 1) <= 65_575, "impossible");
    }
  }
}
