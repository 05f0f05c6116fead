package dev.patronus.source.pcap;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class PcapngFuzzTest {
  static Stream<byte[]> seeds() {
    return Stream.of(capture(ByteOrder.LITTLE_ENDIAN), capture(ByteOrder.BIG_ENDIAN));
  }

  private static byte[] capture(ByteOrder order) {
    CaptureBytes capture = new CaptureBytes(order).section().timedInterface(1, 9, 7);
    CaptureBytes statistics = capture.piece().u32(0, 0, 0).u16(5, 8).u64(9).u16(0, 0);
    return capture
        .enhanced(0, 1_000_000, CaptureBytes.packet(53))
        .block(5, statistics)
        .block(3, capture.piece().u32(42).raw(CaptureBytes.packet(443)))
        .bytes();
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_bytes_behind_the_magic_of_pcapng_end_with_one_line_at_worst(byte[] input) {
    byte[] capture = input.clone();
    byte[] magic = {0x0a, 0x0d, 0x0d, 0x0a};
    System.arraycopy(magic, 0, capture, 0, Math.min(magic.length, capture.length));
    FuzzedCapture.read(capture);
  }
}
