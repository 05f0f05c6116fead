package dev.patronus.source.pcap;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The first byte of an input chooses the link layer, the second how much more the wire carried.
class PacketDecoderFuzzTest {
  static Stream<byte[]> seeds() {
    Frame v6 = new Frame().u8(0, 0).ethernet(0x86dd).ipv6(0, 24);
    return Stream.of(
        new Frame().u8(0, 0).raw(CaptureBytes.packet(53)).bytes(),
        new Frame().u8(1, 9).ipv4(6, 40, 0x2000, "01010101").ports(1, 2).zeros(12).bytes(),
        v6.u8(44, 0, 1, 4, 0, 0, 0, 0).u8(17, 0, 0, 1, 0, 0, 0, 7).ports(1, 2).zeros(4).bytes(),
        new Frame().u8(0, 0).ethernet(0x8100).u16(5, 0x0800).ipv4(1, 28).u8(8, 0).zeros(6).bytes());
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_packet_is_decoded_or_skipped(byte[] input) {
    if (input.length < 2) {
      return;
    }
    LinkLayer[] links = LinkLayer.values();
    LinkLayer link = links[(input[0] & 0xff) % links.length];
    int captured = input.length - 2;
    long wire = captured + (long) input[1] * 256;
    Decoded decoded = PacketDecoder.decode(link, ByteBuffer.wrap(input), 2, captured, wire);
    if (decoded instanceof Decoded.IpPacket packet) {
      assertTrue(packet.bytes() > 0, "a packet of " + packet.bytes() + " bytes");
      assertTrue(packet.bytes() <= 65_575 || packet.bytes() <= Math.max(wire, captured), "too big");
      assertTrue((packet.key().srcPort() & ~0xffff) == 0, "a port");
      assertTrue((packet.key().dstPort() & ~0xffff) == 0, "a port");
    }
  }
}
