package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.source.netflow.template.Collector;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderStateCodecFuzzTest {
  static Stream<byte[]> seeds() {
    Collector collector = new Collector();
    collector.take(v9(1).template(TEMPLATE, fields(ie(48, 1))).data(TEMPLATE, record().u8(1)));
    collector.take(
        v9(2)
            .options(300, 1, ie(1, 4), ie(48, 1), ie(50, 4))
            .data(300, octets().u32(0).u8(1).u32(10)));
    return Stream.of(collector.decoder.memory(collector.now()));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_state_is_refused_or_can_be_written_and_read_again(byte[] input) {
    Collector collector = new Collector(1 << 20);
    try {
      collector.decoder.restore(input, collector.now());
    } catch (IOException e) {
      assertTrue(e.getMessage() == null || e.getMessage().lines().count() <= 1, "one line");
    }
    byte[] memory = collector.decoder.memory(collector.now());
    try {
      new Collector(1 << 20).decoder.restore(memory, collector.now());
    } catch (IOException e) {
      throw new AssertionError("what was written is not read", e);
    }
  }
}
