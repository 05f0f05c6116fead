package dev.patronus.source.pcap;

import dev.patronus.testing.Captures;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Captures in every form that a file can have, and packets in every form that a wire can: per
/// flow, packets and bytes are those that tshark counts.
class CaptureFormsComparisonTest {
  private static final List<ByteOrder> ORDERS =
      List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
  private static final long SECONDS = 1_700_000_000L;
  private static final long MICROS = 0xa1b2c3d4L;
  private static final long NANOS = 0xa1b23c4dL;
  private static final int ETHERNET = 1;
  private static final int RAW = 101;
  private static final int COOKED_2 = 276;
  private static final String COOKED_HEADER = "0800 0000 00000002 0001 00 06 020000000001 0000";

  @TempDir private Path folder;

  @BeforeEach
  void tshark_is_there() {
    Tools.require("tshark");
  }

  private void assertJudged(CaptureBytes capture, int flows) throws Exception {
    TsharkComparisonTest.assertJudged(
        Files.write(folder.resolve("a.capture"), capture.bytes()), flows);
  }

  /// A UDP packet behind what a frame has already.
  private static byte[] udp(Frame before, int payload) {
    return before.ipv4(17, 28 + payload).ports(7, 9).u16(8 + payload, 0).zeros(payload).bytes();
  }

  private static byte[] udp6(Frame before, int payload) {
    return before.ipv6(17, 8 + payload).ports(7, 9).u16(8 + payload, 0).zeros(payload).bytes();
  }

  /// A packet of which only the first bytes were kept.
  private static void cut(CaptureBytes capture, int kept, byte... packet) {
    capture.u32(SECONDS, 0, kept, packet.length).raw(Arrays.copyOf(packet, kept));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00000002, 0000001e",
    "0, 02000000, 1e000000",
    "108, 00000002, 0000001e",
    "12, '', ''",
    "14, '', ''",
    "101, '', ''",
    "9, ff03 0021, ff03 0057",
    "9, 0021, 0057",
    "50, ff03 0021, ff03 0057",
    "104, 0f00 0800, 0f00 86dd",
    "113, 0000 0001 0006 020000000001 0000 0800, 0004 0001 0006 020000000001 0000 86dd",
    "276, 0800 0000 00000002 0001 00 06 020000000001 0000, 86dd 0000 00000002 0001 00 06 020000000001 0000",
  })
  void link_types_in_either_byte_order(int linkType, String v4, String v6) throws Exception {
    for (ByteOrder order : ORDERS) {
      CaptureBytes capture = new CaptureBytes(order).pcap(MICROS, linkType);
      capture.record(SECONDS, 1, udp(new Frame().hex(v4), 0));
      capture.record(SECONDS, 2, udp(new Frame().hex(v4), 100));
      capture.record(SECONDS, 3, udp6(new Frame().hex(v6), 200));
      cut(capture, 64, udp(new Frame().hex(v4), 1400));
      assertJudged(capture, 2);
    }
  }

  @Test
  void nanoseconds_in_either_byte_order() throws Exception {
    for (ByteOrder order : ORDERS) {
      CaptureBytes capture = new CaptureBytes(order).pcap(NANOS, ETHERNET);
      capture.record(SECONDS, 999_999_999L, udp(new Frame().ethernet(0x0800), 10));
      assertJudged(capture, 1);
    }
  }

  @Test
  void interfaces_of_different_link_types_and_clocks_in_one_file() throws Exception {
    for (ByteOrder order : ORDERS) {
      CaptureBytes capture = new CaptureBytes(order).section();
      capture.anInterface(ETHERNET).timedInterface(RAW, 9, 0).timedInterface(COOKED_2, 0x8a, 7);
      capture.enhanced(2, SECONDS << 10, udp(new Frame().hex(COOKED_HEADER), 1));
      capture.enhanced(0, SECONDS * 1_000_000L, udp6(new Frame().ethernet(0x86dd), 2));
      capture.enhanced(1, SECONDS * 1_000_000_000L, udp(new Frame(), 3));
      capture.enhanced(1, SECONDS * 1_000_000_000L, udp6(new Frame(), 4));
      assertJudged(capture, 2);
    }
  }

  @Test
  void sections_of_both_byte_orders_in_one_file() throws Exception {
    CaptureBytes capture = new CaptureBytes(ByteOrder.LITTLE_ENDIAN);
    for (ByteOrder order : ORDERS) {
      CaptureBytes section = new CaptureBytes(order).section().anInterface(RAW);
      capture.raw(section.enhanced(0, SECONDS, udp(new Frame(), 5)).bytes());
    }
    assertJudged(capture, 1);
  }

  @Test
  void empty_and_padded_and_jumbo_frames() throws Exception {
    CaptureBytes capture = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).pcap(MICROS, ETHERNET);
    byte[] empty = udp(new Frame().ethernet(0x0800), 0);
    capture.record(SECONDS, 1, Arrays.copyOf(empty, 60)); // the least that Ethernet carries
    capture.record(SECONDS, 2, Arrays.copyOf(empty, 64)); // and its frame check sequence
    capture.record(SECONDS, 3, udp6(new Frame().ethernet(0x86dd), 0));
    capture.record(SECONDS, 4, udp(new Frame().ethernet(0x0800), 8972));
    capture.record(SECONDS, 5, udp6(new Frame().ethernet(0x86dd), 60_000));
    cut(capture, 64, udp(new Frame().ethernet(0x0800), 8972));
    cut(capture, 64, udp6(new Frame().ethernet(0x86dd), 8952));
    assertJudged(capture, 2);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 11 00 0104 00000000",
    "0, 11 01 0104 00000000 0106 000000000000",
    "43, 11 02 04 00 00000000 20010db8000000000000000000000003",
    "60, 11 00 0104 00000000",
    "51, 11 04 0000 00000001 00000001 000000000000000000000000",
    "0, 2b 00 0104 00000000 3c 02 04 00 00000000 20010db8000000000000000000000003 11 00 0104 00000000",
    "0, 2c 00 0104 00000000 11 00 0001 00000007",
    "43, 2c 02 04 00 00000000 20010db8000000000000000000000003 11 00 0000 00000007",
  })
  void chains_of_extension_headers(int first, String chain) throws Exception {
    int length = chain.replace(" ", "").length() / 2;
    CaptureBytes capture = new CaptureBytes(ByteOrder.BIG_ENDIAN).pcap(MICROS, ETHERNET);
    capture.record(
        SECONDS,
        1,
        new Frame()
            .ethernet(0x86dd)
            .ipv6(first, length + 24)
            .hex(chain)
            .ports(7, 9)
            .u16(24, 0)
            .zeros(16)
            .bytes());
    assertJudged(capture, 1);
  }

  /// Only the outermost header counts: a policy of the inner packet sees it where that is captured.
  @Test
  void tunnels() throws Exception {
    CaptureBytes capture = new CaptureBytes(ByteOrder.BIG_ENDIAN).pcap(MICROS, ETHERNET);
    byte[] inner = udp(new Frame(), 10);
    byte[] inner6 = udp6(new Frame(), 10);
    byte[] frame = udp(new Frame().ethernet(0x0800), 10);
    capture.record(SECONDS, 1, v4(47, new Frame().hex("0000 0800"), inner));
    capture.record(SECONDS, 2, v4(47, new Frame().hex("0000 86dd"), inner6));
    capture.record(SECONDS, 3, v4(47, new Frame().hex("2000 6558 00000007"), frame));
    capture.record(SECONDS, 4, v6(47, new Frame().hex("0000 0800"), inner));
    capture.record(SECONDS, 5, v4(4, new Frame(), inner));
    capture.record(SECONDS, 6, v4(41, new Frame(), inner6));
    capture.record(SECONDS, 7, v6(4, new Frame(), inner));
    capture.record(SECONDS, 8, v6(41, new Frame(), inner6));
    int vxlan = 16 + frame.length;
    Frame header = new Frame().ports(50_000, 4789).u16(vxlan, 0).hex("08000000 00000700");
    capture.record(SECONDS, 9, v4(17, header, frame));
    header = new Frame().ports(50_001, 4789).u16(vxlan, 0).hex("08000000 00000700");
    capture.record(SECONDS, 10, v6(17, header, frame));
    assertJudged(capture, 7);
  }

  private static byte[] v4(int protocol, Frame header, byte... inner) {
    byte[] between = header.bytes();
    Frame outer = new Frame().ethernet(0x0800).ipv4(protocol, 20 + between.length + inner.length);
    return outer.raw(between).raw(inner).bytes();
  }

  private static byte[] v6(int protocol, Frame header, byte... inner) {
    byte[] between = header.bytes();
    Frame outer = new Frame().ethernet(0x86dd).ipv6(protocol, between.length + inner.length);
    return outer.raw(between).raw(inner).bytes();
  }

  /// An error quotes the packet that it is about; only the error counts.
  @Test
  void errors_about_packets() throws Exception {
    CaptureBytes capture = new CaptureBytes(ByteOrder.BIG_ENDIAN).pcap(MICROS, ETHERNET);
    byte[] inner = udp(new Frame(), 10);
    byte[] inner6 = udp6(new Frame(), 10);
    for (int code = 0; code < 5; code++) {
      capture.record(SECONDS, code, v4(1, new Frame().u8(3, code).hex("0000 00000000"), inner));
      capture.record(SECONDS, code, v6(58, new Frame().u8(1, code).hex("0000 00000000"), inner6));
    }
    assertJudged(capture, 10);
  }

  @Test
  void frames_cut_at_64_bytes() throws IOException, Exception {
    Path file = folder.resolve("cut.pcap");
    try (Captures captures = Captures.create(file).at(SECONDS * 1000).snap(64)) {
      for (int i = 0; i < 50; i++) {
        captures.tcp("10.0.0.1", 40_000 + i % 5, "10.0.1.1", 443, 1000 + i);
        captures.udp("2001:db8::1", 5000 + i % 3, "2001:db8::2", 53, 900 + i);
        captures.icmp("fe80::1", "fe80::2", 128, 0, 1200).icmp("10.0.0.1", "10.0.1.1", 8, 0, 84);
      }
    }
    TsharkComparisonTest.assertJudged(file, 10);
  }
}
