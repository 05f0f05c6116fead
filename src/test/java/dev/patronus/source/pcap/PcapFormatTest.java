package dev.patronus.source.pcap;

import static dev.patronus.source.pcap.CaptureBytes.packet;
import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapFormatTest {
  private static final long MICROS = 0xa1b2c3d4L;
  private static final long NANOS = 0xa1b23c4dL;
  private static final long KUZNETZOV = 0xa1b2cd34L;

  private static ByteOrder order(String name) {
    return name.equals("big") ? BIG_ENDIAN : LITTLE_ENDIAN;
  }

  @ParameterizedTest
  @ValueSource(strings = {"big", "little"})
  void microseconds_are_read_in_either_byte_order(String order) throws IOException {
    CaptureBytes capture = new CaptureBytes(order(order)).pcap(MICROS, 1);
    capture.record(1_700_000_000, 999_999, packet(1)).record(1_700_000_001, 1_000, packet(2));
    CaptureReading reading = CaptureReading.of(capture);
    assertEquals(List.of(1, 2), reading.ports());
    assertEquals(List.of(1_700_000_000_999L, 1_700_000_001_001L), reading.times());
    assertEquals("", reading.end());
  }

  @ParameterizedTest
  @ValueSource(strings = {"big", "little"})
  void nanoseconds_are_read_in_either_byte_order(String order) throws IOException {
    CaptureBytes capture = new CaptureBytes(order(order)).pcap(NANOS, 1);
    capture.record(1_700_000_000, 999_999_999, packet(1));
    assertEquals(List.of(1_700_000_000_999L), CaptureReading.of(capture).times());
  }

  @Test
  void the_longer_records_of_an_old_patch_are_read() throws IOException {
    CaptureBytes capture = new CaptureBytes(LITTLE_ENDIAN).pcap(KUZNETZOV, 1);
    for (int port : List.of(1, 2)) {
      byte[] packet = packet(port);
      capture.u32(1_700_000_000, 0, packet.length, packet.length, 7, 8).raw(packet);
    }
    assertEquals(List.of(1, 2), CaptureReading.of(capture).ports());
  }

  @Test
  void a_length_of_frame_check_sequences_is_not_part_of_the_link_type() throws IOException {
    CaptureBytes capture = new CaptureBytes(BIG_ENDIAN);
    capture.u32(MICROS).u16(2, 4).u32(0, 0, 65_535, 0x24000001L).record(1, 0, packet(1));
    assertEquals(List.of(1), CaptureReading.of(capture).ports());
  }

  @Test
  void a_file_header_alone_is_a_capture_without_packets() throws IOException {
    CaptureReading reading = CaptureReading.of(new CaptureBytes(BIG_ENDIAN).pcap(MICROS, 1));
    assertEquals(List.of(), reading.records());
    assertEquals("", reading.end());
  }

  @Test
  void a_capture_cut_anywhere_counts_all_before_and_says_so() throws IOException {
    CaptureBytes capture = new CaptureBytes(LITTLE_ENDIAN).pcap(MICROS, 1);
    for (int port = 1; port <= 3; port++) {
      capture.record(1_700_000_000, 0, packet(port));
    }
    byte[] whole = capture.bytes();
    int record = 16 + packet(1).length;
    for (int kept = 24; kept < whole.length; kept++) {
      CaptureReading reading = CaptureReading.of(Arrays.copyOf(whole, kept));
      int packets = (kept - 24) / record;
      assertEquals(packets, reading.records().size(), "kept " + kept);
      boolean between = (kept - 24) % record == 0;
      assertEquals(
          between
              ? ""
              : "cut off in packet " + (packets + 1) + ", at byte " + (24 + packets * record),
          reading.end());
    }
  }

  @Test
  void a_length_that_is_out_of_reason_ends_the_capture_there() throws IOException {
    CaptureBytes capture = new CaptureBytes(LITTLE_ENDIAN).pcap(MICROS, 1);
    capture.record(1_700_000_000, 0, packet(1)).u32(0, 0, 0xffff_ffffL, 60).raw(new byte[999]);
    CaptureReading reading = CaptureReading.of(capture);
    assertEquals(List.of(1), reading.ports());
    assertEquals(
        "damaged in packet 2, at byte 82: it claims 4294967295 captured bytes, the most is 262144",
        reading.end());
  }

  @ParameterizedTest
  @CsvSource({
    "'', the capture is empty",
    "a1b2, it has 2 bytes",
    "a1b2c3d40002, truncated in its file header",
    "7f454c4602010100, neither pcap nor pcapng",
    "28b52ffd00000000, zstd -dc",
    "fd377a585a000000, xz -dc",
    "425a683931415926, bzip2 -dc",
    "04224d1800000000, lz4 -dc",
    "736e6f6f70000000, editcap",
    "5254535300000000, editcap",
  })
  void what_is_no_capture_gets_one_sentence(String digits, String words) {
    byte[] bytes = HexFormat.of().parseHex(digits);
    String said = assertThrows(IOException.class, () -> CaptureReading.of(bytes)).getMessage();
    assertTrue(said.contains(words), said);
    assertEquals(1, said.lines().count());
  }

  @Test
  void a_link_type_that_is_not_read_is_named() {
    CaptureBytes capture = new CaptureBytes(BIG_ENDIAN).pcap(MICROS, 127);
    String said = assertThrows(IOException.class, () -> CaptureReading.of(capture)).getMessage();
    assertTrue(said.contains("link type 127"), said);
  }

  @Test
  void a_packet_from_the_future_is_of_now() throws IOException {
    long now = CaptureReading.NOW.toEpochMilli();
    CaptureBytes capture = new CaptureBytes(BIG_ENDIAN).pcap(MICROS, 1);
    capture.record(now / 1000 + 3600, 0, packet(1)).record(now / 1000 - 3600, 0, packet(2));
    CaptureReading reading = CaptureReading.of(capture);
    assertEquals(List.of(now, now - 3_600_000), reading.times());
    assertEquals(1, reading.doubtful("time_unknown"));
  }

  @Test
  void packets_that_the_kernel_has_merged_are_told_from_those_on_the_wire() throws IOException {
    byte[] merged = new Frame().ethernet(0x0800).ipv4(6, 65_226).ports(1, 2).bytes();
    CaptureBytes capture = new CaptureBytes(BIG_ENDIAN).pcap(MICROS, 1);
    capture.u32(1_700_000_000, 0, merged.length, 65_240).raw(merged);
    capture.record(1_700_000_000, 0, packet(1));
    CaptureReading reading = CaptureReading.of(capture);
    assertEquals(65_226, reading.records().getFirst().bytes());
    assertEquals(1, reading.doubtful("merged"));
  }
}
