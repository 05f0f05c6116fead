package dev.patronus.source.pcap;

import static dev.patronus.source.pcap.Frame.DST;
import static dev.patronus.source.pcap.Frame.DST6;
import static dev.patronus.source.pcap.Frame.SRC;
import static dev.patronus.source.pcap.Frame.SRC6;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.source.pcap.Decoded.IpPacket;
import dev.patronus.source.pcap.Decoded.Length;
import dev.patronus.source.pcap.Decoded.Ports;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketDecoderTest {
  private static final List<LinkLayer> LINKS = List.of(LinkLayer.values());
  private static final int TCP = FlowKey.TCP;
  private static final int UDP = FlowKey.UDP;

  private static Decoded ethernet(Frame frame) {
    return decode(LinkLayer.ETHERNET, frame);
  }

  private static Decoded raw(Frame frame) {
    return decode(LinkLayer.RAW, frame);
  }

  private static Decoded decode(LinkLayer link, Frame frame) {
    return decode(link, frame.bytes(), frame.bytes().length);
  }

  /// The packet lies in the middle of other bytes, so that an offset that is forgotten is seen.
  private static Decoded decode(LinkLayer link, byte[] bytes, long wireBytes) {
    byte[] around = new byte[bytes.length + 7];
    System.arraycopy(bytes, 0, around, 3, bytes.length);
    return PacketDecoder.decode(link, ByteBuffer.wrap(around), 3, bytes.length, wireBytes);
  }

  private static IpPacket v4(int protocol, int srcPort, int dstPort, long bytes) {
    return whole(SRC, srcPort, DST, dstPort, protocol, bytes, Ports.HEADER);
  }

  private static IpPacket v6(int protocol, int srcPort, int dstPort, long bytes) {
    return whole(SRC6, srcPort, DST6, dstPort, protocol, bytes, Ports.HEADER);
  }

  private static IpPacket whole(
      String src, int srcPort, String dst, int dstPort, int protocol, long bytes, Ports ports) {
    FlowKey key =
        FlowKey.of(IpAddress.parse(src), srcPort, IpAddress.parse(dst), dstPort, protocol);
    return new IpPacket(key, bytes, Length.HEADER, ports);
  }

  @Test
  void ethernet_padding_does_not_count() {
    Frame frame = new Frame().ethernet(0x0800).ipv4(UDP, 29).ports(5353, 53).zeros(5 + 17);
    assertEquals(v4(UDP, 5353, 53, 29), ethernet(frame));
  }

  @Test
  void the_length_on_the_wire_counts_not_what_was_captured() {
    byte[] cut = new Frame().ethernet(0x0800).ipv4(TCP, 1500).ports(40000, 443).bytes();
    assertEquals(v4(TCP, 40000, 443, 1500), decode(LinkLayer.ETHERNET, cut, 1514));
  }

  @Test
  void ports_lie_behind_ipv4_options() {
    Frame frame = new Frame().ipv4(TCP, 68, 0, "0101010101010101").ports(1, 2).zeros(36);
    assertEquals(v4(TCP, 1, 2, 68), raw(frame));
  }

  @ParameterizedTest
  @CsvSource({
    "8100 0064 0800",
    "88a8 0064 8100 0065 0800",
    "9100 0064 8100 0065 8100 0066 0800",
    "9200 0001 0800",
    "0032 aaaa03 000000 0800",
    "8100 0064 0032 aaaa03 000000 0800",
    "8864 1100 0001 0046 0021",
    "8864 1100 0001 0046 21",
    "8100 0007 8864 1100 0001 0046 0021",
    "8847 00064140",
    "8847 00064040 00065140",
    "8848 00064140",
    "8864 1100 0001 0046 0281 000640ff 000651ff",
    "8864 1100 0001 0046 0283 00064140",
    "8909 0101 0001 0064 0800",
    "8100 0064 8909 0101 0001 0064 0800",
    "8926 80000001 0800",
    "892f 0030 0001 0800",
    "88e7 00000064 020000000004 020000000003 8100 0065 0800",
  })
  void what_lies_between_ethernet_and_ip_is_passed(String between) {
    Frame frame = new Frame().hex("020000000002 020000000001").hex(between);
    assertEquals(v4(UDP, 7, 9, 28), ethernet(frame.ipv4(UDP, 28).ports(7, 9).zeros(4)));
  }

  @ParameterizedTest
  @CsvSource({
    "COOKED, 0000 0001 0006 020000000001 0000 86dd",
    "COOKED, 0004 0001 0006 020000000001 0000 8100 0064 86dd",
    "COOKED_2, 86dd 0000 00000002 0001 00 06 020000000001 0000",
    "COOKED_2, 8100 0000 00000002 0001 00 06 020000000001 0000 0064 86dd",
    "RAW, ''",
    "NULL, 1e000000",
    "NULL, 0000001e",
    "NULL, 0000000a",
    "NULL, 18000000",
    "NULL, 1c000000",
    "PPP, ff03 0057",
    "PPP, 0057",
    "PPP, 57",
    "PPP, ff03 0281 000640ff 000651ff",
    "PPP, 0281 00064140",
    "PPP, ff03 0283 00064140",
    "PPP, 0f00 86dd",
    "PPP, 8f00 86dd",
    "PPPOE, 1100 0001 0046 0057",
    "CISCO_HDLC, 0f00 86dd",
  })
  void each_link_layer_leads_to_its_ip_header(LinkLayer link, String header) {
    Frame frame = new Frame().hex(header).ipv6(UDP, 8).ports(7, 9).zeros(4);
    assertEquals(v6(UDP, 7, 9, 48), decode(link, frame));
  }

  @ParameterizedTest
  @CsvSource({
    "ETHERNET, 020000000002 020000000001 0806 0001",
    "ETHERNET, 020000000002 020000000001 8100 0001 0806 0001",
    "ETHERNET, 0180c2000000 020000000001 0026 42420300 0000000000",
    "ETHERNET, 020000000002 020000000001 8863 1100 0001 0046 0021",
    "ETHERNET, 020000000002 020000000001 8864 1100 0001 0046 c021",
    "ETHERNET, 020000000002 020000000001 8847 00064140 00",
    "COOKED, 0000 0001 0006 020000000001 0000 0806 00",
    "COOKED, 0000 0001 0006 020000000001 0000 0004 42420300 0000000000",
    "COOKED_2, 0806 0000 00000002 0001 00 06 020000000001 0000",
    "NULL, 00000007 00",
    "PPP, c021 01",
  })
  void what_carries_no_ip_says_so(LinkLayer link, String digits) {
    assertEquals(Skipped.NOT_IP, decode(link, new Frame().hex(digits).zeros(40)));
  }

  @Test
  void a_later_fragment_has_ports_0() {
    Frame frame = new Frame().ipv4(UDP, 100, 185, "").ports(1, 2).zeros(76);
    assertEquals(whole(SRC, 0, DST, 0, UDP, 100, Ports.NONE), raw(frame));
  }

  @Test
  void the_first_fragment_has_its_ports() {
    Frame frame = new Frame().ipv4(UDP, 100, 0x2000, "").ports(1, 2).zeros(76);
    assertEquals(v4(UDP, 1, 2, 100), raw(frame));
  }

  @Test
  void a_fragment_of_ipv6_is_one_like_that_of_ipv4() {
    Frame first = new Frame().ipv6(44, 60).hex("11 00 0001 00000007").ports(1, 2).zeros(48);
    assertEquals(v6(UDP, 1, 2, 100), raw(first));
    Frame later = new Frame().ipv6(44, 60).hex("11 00 05c8 00000007").ports(1, 2).zeros(48);
    assertEquals(whole(SRC6, 0, DST6, 0, UDP, 100, Ports.NONE), raw(later));
    Frame atomic = new Frame().ipv6(44, 60).hex("11 00 0000 00000007").ports(1, 2).zeros(48);
    assertEquals(v6(UDP, 1, 2, 100), raw(atomic));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 06 00 0104 00000000",
    "60, 06 01 0104 00000000 0106 000000000000",
    "43, 06 02 04 00 00000000 20010db8000000000000000000000003",
    "51, 06 04 0000 00000001 00000001 000000000000000000000000",
    "0, 2b 00 0104 00000000 3c 00 0104 00000000 2c 00 0104 00000000 06 00 0000 00000001",
  })
  void ports_lie_behind_ipv6_extension_headers(int next, String headers) {
    int length = headers.replace(" ", "").length() / 2;
    Frame frame = new Frame().ipv6(next, length + 20).hex(headers).ports(40000, 22).zeros(16);
    assertEquals(v6(TCP, 40000, 22, 60 + length), raw(frame));
  }

  @Test
  void a_chain_of_extension_headers_has_an_end() {
    Frame frame = new Frame().ipv6(0, 8 * 40);
    for (int i = 0; i < 39; i++) {
      frame.hex("00 00 0104 00000000");
    }
    frame.hex("06 00 0104 00000000").ports(1, 2).zeros(16);
    assertEquals(whole(SRC6, 0, DST6, 0, 0, 360, Ports.CUT), raw(frame));
  }

  @Test
  void a_packet_without_next_header_is_its_header() {
    Frame frame = new Frame().ethernet(0x86dd).ipv6(59, 0).zeros(6);
    assertEquals(whole(SRC6, 0, DST6, 0, 59, 40, Ports.NONE), ethernet(frame));
  }

  @Test
  void icmp_has_type_and_code_for_a_destination_port() {
    assertEquals(v4(1, 0, 3 << 8 | 4, 36), raw(new Frame().ipv4(1, 36).u8(3, 4).zeros(14)));
    assertEquals(v6(58, 0, 128 << 8, 48), raw(new Frame().ipv6(58, 8).u8(128, 0).zeros(6)));
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 17, 33, 132, 136})
  void these_protocols_have_ports(int protocol) {
    assertEquals(v4(protocol, 1, 2, 40), raw(new Frame().ipv4(protocol, 40).ports(1, 2).zeros(16)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4, 41, 47, 50, 89, 112, 255})
  void other_protocols_have_none(int protocol) {
    Frame frame = new Frame().ipv4(protocol, 40).ports(1, 2).zeros(16);
    assertEquals(whole(SRC, 0, DST, 0, protocol, 40, Ports.NONE), raw(frame));
  }

  @Test
  void only_the_outer_header_of_a_tunnel_counts() {
    Frame frame = new Frame().ipv4(4, 60).ipv4(TCP, 40).ports(1, 2).zeros(16);
    assertEquals(whole(SRC, 0, DST, 0, 4, 60, Ports.NONE), raw(frame));
  }

  @Test
  void a_total_length_of_0_is_taken_from_the_wire() {
    byte[] frame = new Frame().ethernet(0x0800).ipv4(TCP, 0).ports(1, 2).zeros(16).bytes();
    IpPacket packet = v4(TCP, 1, 2, 7240);
    assertEquals(
        new IpPacket(packet.key(), 7240, Length.WIRE, Ports.HEADER),
        decode(LinkLayer.ETHERNET, frame, 7254));
  }

  @Test
  void a_payload_length_of_0_is_taken_from_the_wire() {
    byte[] frame = new Frame().ethernet(0x86dd).ipv6(TCP, 0).ports(1, 2).zeros(16).bytes();
    IpPacket packet = v6(TCP, 1, 2, 7240);
    assertEquals(
        new IpPacket(packet.key(), 7240, Length.WIRE, Ports.HEADER),
        decode(LinkLayer.ETHERNET, frame, 7254));
  }

  @Test
  void a_jumbo_payload_says_its_length_in_an_option() {
    String jumbo = "06 00 c204 00011178"; // 70,008 bytes after the IPv6 header
    byte[] frame = new Frame().ipv6(0, 0).hex(jumbo).ports(1, 2).zeros(16).bytes();
    assertEquals(v6(TCP, 1, 2, 70_048), decode(LinkLayer.RAW, frame, 70_060));
  }

  @Test
  void a_jumbo_payload_that_the_wire_did_not_carry_is_not_believed() {
    String jumbo = "06 00 c204 ffffffff";
    byte[] frame = new Frame().ipv6(0, 0).hex(jumbo).ports(1, 2).zeros(16).bytes();
    IpPacket packet = v6(TCP, 1, 2, 70_048);
    assertEquals(
        new IpPacket(packet.key(), 70_048, Length.WIRE, Ports.HEADER),
        decode(LinkLayer.RAW, frame, 70_048));
  }

  @Test
  void a_length_that_the_wire_did_not_carry_is_believed_and_remarked() {
    byte[] frame = new Frame().ipv4(TCP, 1500).ports(1, 2).zeros(36).bytes();
    IpPacket packet = v4(TCP, 1, 2, 1500);
    assertEquals(
        new IpPacket(packet.key(), 1500, Length.BEYOND_WIRE, Ports.HEADER),
        decode(LinkLayer.RAW, frame, 60));
  }

  @Test
  void ports_that_were_not_captured_are_0_and_the_packet_counts() {
    byte[] v4 = new Frame().ethernet(0x0800).ipv4(TCP, 1500).u16(40000).bytes();
    assertEquals(whole(SRC, 0, DST, 0, TCP, 1500, Ports.CUT), decode(LinkLayer.ETHERNET, v4, 1514));
    byte[] v6 = new Frame().ipv6(43, 1460).hex("06 02 0400").bytes();
    assertEquals(whole(SRC6, 0, DST6, 0, 43, 1500, Ports.CUT), decode(LinkLayer.RAW, v6, 1500));
  }

  @Test
  void ports_outside_of_the_packet_are_padding() {
    Frame frame = new Frame().ethernet(0x0800).ipv4(UDP, 22).ports(1, 2).zeros(22);
    assertEquals(whole(SRC, 0, DST, 0, UDP, 22, Ports.CUT), ethernet(frame));
  }

  @Test
  void a_packet_without_its_addresses_does_not_count() {
    byte[] v4 = new Frame().ethernet(0x0800).ipv4(TCP, 1500).bytes();
    byte[] v6 = new Frame().ethernet(0x86dd).ipv6(TCP, 1460).bytes();
    for (int kept = 0; kept < v4.length; kept++) {
      byte[] cut = Arrays.copyOf(v4, kept);
      assertEquals(Skipped.CUT, decode(LinkLayer.ETHERNET, cut, 1514), "kept " + kept);
    }
    for (int kept = 0; kept < v6.length; kept++) {
      byte[] cut = Arrays.copyOf(v6, kept);
      assertEquals(Skipped.CUT, decode(LinkLayer.ETHERNET, cut, 1514), "kept " + kept);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "44 00 0014 0007 0000 40 06 0000 0a000001 0a000002", // a header of 16 bytes
        "46 00 0014 0007 0000 40 06 0000 0a000001 0a000002", // longer than the packet
        "54 00 0014 0007 0000 40 06 0000 0a000001 0a000002", // version 5
      })
  void a_header_that_cannot_be_right_does_not_count(String header) {
    assertEquals(Skipped.MALFORMED, raw(new Frame().hex(header).zeros(20)));
  }

  @Test
  void any_bytes_have_an_answer() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200_000; round++) {
      LinkLayer link = LINKS.get(random.nextInt(LINKS.size()));
      byte[] bytes = seeded(random, link);
      try {
        Decoded decoded = decode(link, bytes, random.nextInt(2_000));
        if (decoded instanceof IpPacket packet && packet.bytes() < 20) {
          throw new AssertionError("an IP packet of " + packet.bytes() + " bytes");
        }
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round + ", " + link, e);
      }
    }
  }

  /// Mostly noise, but often with the bytes that lead deeper into the decoder.
  private static byte[] seeded(Random random, LinkLayer link) {
    byte[] bytes = new byte[random.nextInt(120)];
    random.nextBytes(bytes);
    int ip = link == LinkLayer.ETHERNET ? 14 : 0;
    if (ip + 8 < bytes.length && random.nextBoolean()) {
      boolean v4 = random.nextBoolean();
      if (ip > 0) {
        bytes[12] = (byte) (v4 ? 0x08 : 0x86);
        bytes[13] = (byte) (v4 ? 0x00 : 0xdd);
      }
      bytes[ip] = (byte) (v4 ? 0x45 : 0x60);
      bytes[ip + 6] = (byte) new int[] {0, 43, 44, 51, 60, 6}[random.nextInt(6)];
    }
    return bytes;
  }
}
