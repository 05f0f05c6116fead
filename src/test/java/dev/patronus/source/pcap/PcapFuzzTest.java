package dev.patronus.source.pcap;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class PcapFuzzTest {
  static Stream<byte[]> seeds() {
    return Stream.of(
        capture(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4L), capture(ByteOrder.BIG_ENDIAN, 0xa1b23c4dL));
  }

  private static byte[] capture(ByteOrder order, long magic) {
    return new CaptureBytes(order)
        .pcap(magic, 1)
        .record(1, 2, CaptureBytes.packet(53))
        .record(3, 4, CaptureBytes.packet(443))
        .bytes();
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_bytes_behind_the_magic_of_pcap_end_with_one_line_at_worst(byte[] input) {
    byte[] capture = input.clone();
    boolean nanos = capture.length > 3 && (capture[2] == 0x3c || capture[1] == 0x3c);
    byte[] magic = new CaptureBytes(order(capture)).u32(nanos ? 0xa1b23c4dL : 0xa1b2c3d4L).bytes();
    System.arraycopy(magic, 0, capture, 0, Math.min(magic.length, capture.length));
    FuzzedCapture.read(capture);
  }

  private static ByteOrder order(byte... capture) {
    boolean big = capture.length > 0 && capture[0] == (byte) 0xa1;
    return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }
}
