package dev.patronus.source.pcap;

import static dev.patronus.source.pcap.CaptureBytes.packet;
import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapngFormatTest {
  private static final long MICROS = 1_700_000_000_123_456L;

  private static CaptureBytes big() {
    return new CaptureBytes(BIG_ENDIAN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"big", "little"})
  void a_section_is_read_in_its_own_byte_order(String name) throws IOException {
    ByteOrder order = name.equals("big") ? BIG_ENDIAN : LITTLE_ENDIAN;
    CaptureBytes capture = new CaptureBytes(order).section().anInterface(1);
    CaptureReading reading = CaptureReading.of(capture.enhanced(0, MICROS, packet(1)));
    assertEquals(List.of(1), reading.ports());
    assertEquals(List.of(1_700_000_000_123L), reading.times());
    assertEquals("", reading.end());
  }

  @Test
  void sections_of_different_byte_orders_follow_each_other() throws IOException {
    CaptureBytes first = new CaptureBytes(LITTLE_ENDIAN).section().anInterface(1);
    first.enhanced(0, MICROS, packet(1));
    CaptureBytes second = big().section().anInterface(101);
    second.enhanced(0, MICROS, Arrays.copyOfRange(packet(2), 14, 42));
    assertEquals(List.of(1, 2), CaptureReading.of(first.raw(second.bytes())).ports());
  }

  @Test
  void a_section_forgets_the_interfaces_of_the_one_before() throws IOException {
    CaptureBytes capture = big().section().anInterface(1).section();
    CaptureReading reading = CaptureReading.of(capture.enhanced(0, MICROS, packet(1)));
    assertEquals(1, reading.dropped("unknown_interface"));
  }

  @Test
  void each_interface_has_its_own_link_layer_and_clock() throws IOException {
    CaptureBytes capture = big().section().anInterface(1).timedInterface(101, 9, 100);
    capture.enhanced(1, 5_000_000_000L, Arrays.copyOfRange(packet(2), 14, 42));
    capture.enhanced(0, 5_000_000L, packet(1));
    CaptureReading reading = CaptureReading.of(capture);
    assertEquals(List.of(2, 1), reading.ports());
    assertEquals(List.of(105_000L, 5_000L), reading.times());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1700000000, 1700000000000",
    "1, 0, 17000000001, 1700000000100",
    "3, 0, 1700000000123, 1700000000123",
    "6, 0, 1700000000123456, 1700000000123",
    "9, 0, 1700000000123456789, 1700000000123",
    "10, 0, 17000000001234567890, 1700000000123",
    "12, 1700000000, 123456789012, 1700000000123",
    "19, 1700000000, 1234567890123456789, 1700000000123",
    "22, 1700000000, 12345678901234567890, 1700000000001",
    "40, 1700000000, 1234567890123456789, 1700000000000",
    "128, 0, 1700000000, 1700000000000",
    "138, 0, 1740800000512, 1700000000500",
    "160, 0, 7301444404273741824, 1700000000250",
    "191, 1700000000, 4611686018427387904, 1700000000500",
    "6, 3600, 1700000000123456, 1700003600123",
    "6, -3600, 1700000000123456, 1699996400123",
  })
  void a_timestamp_means_what_its_interface_says(
      int resolution, long offset, String timestamp, long millis) throws IOException {
    CaptureBytes capture = big().section().timedInterface(1, resolution, offset);
    capture.enhanced(0, Long.parseUnsignedLong(timestamp), packet(1));
    assertEquals(List.of(millis), CaptureReading.of(capture).times());
  }

  @Test
  void blocks_of_unknown_type_are_passed_over() throws IOException {
    CaptureBytes capture = big().section().anInterface(1);
    capture.block(4, capture.piece().u32(1, 2, 3)).block(0x0bad, capture.piece());
    capture.block(0x80000001, capture.piece().raw(new byte[300_000]));
    CaptureReading reading = CaptureReading.of(capture.enhanced(0, MICROS, packet(1)));
    assertEquals(List.of(1), reading.ports());
    assertEquals("", reading.end());
  }

  @Test
  void a_simple_packet_is_of_the_first_interface_and_of_now() throws IOException {
    byte[] packet = packet(1);
    CaptureBytes capture = big().section().anInterface(1);
    CaptureBytes body = capture.piece().u32(packet.length).raw(packet);
    CaptureReading reading = CaptureReading.of(capture.block(3, body));
    assertEquals(List.of(1), reading.ports());
    assertEquals(List.of(CaptureReading.NOW.toEpochMilli()), reading.times());
    assertEquals(1, reading.doubtful("time_unknown"));
  }

  @Test
  void a_simple_packet_counts_as_it_was_on_the_wire() throws IOException {
    byte[] cut = new Frame().ethernet(0x0800).ipv4(17, 1500).ports(1, 2).bytes();
    CaptureBytes capture = big().section();
    capture.block(1, capture.piece().u16(1, 0).u32(cut.length));
    capture.block(3, capture.piece().u32(1514).raw(cut).raw(new byte[2]));
    assertEquals(1500, CaptureReading.of(capture).records().getFirst().bytes());
  }

  @Test
  void a_packet_block_of_older_drafts_is_read_with_its_drops() throws IOException {
    byte[] packet = packet(1);
    CaptureBytes capture = big().section().anInterface(1);
    for (int drops : List.of(3, 0xffff)) {
      CaptureBytes body = capture.piece().u16(0, drops).u32(MICROS >>> 32, MICROS);
      capture.block(2, body.u32(packet.length, packet.length).raw(packet));
    }
    CaptureReading reading = CaptureReading.of(capture);
    assertEquals(List.of(1, 1), reading.ports());
    assertEquals(3, reading.metrics().total("pcap_packets_lost"));
  }

  @Test
  void what_the_capturing_program_lost_is_told_once() throws IOException {
    CaptureBytes capture = big().section().anInterface(1);
    for (long total : List.of(5L, 5L, 12L)) {
      CaptureBytes body = capture.piece().u32(0, 0, 0).u16(4, 8).u64(100).u16(5, 8).u64(total);
      capture.block(5, body.u16(0, 0));
    }
    assertEquals(12, CaptureReading.of(capture).metrics().total("pcap_packets_lost"));
  }

  @Test
  void a_link_type_that_is_not_read_costs_the_others_nothing() throws IOException {
    CaptureBytes capture = big().section().anInterface(127).anInterface(1);
    capture.enhanced(0, MICROS, packet(1)).enhanced(1, MICROS, packet(2));
    CaptureReading reading = CaptureReading.of(capture);
    assertEquals(List.of(2), reading.ports());
    assertEquals(1, reading.dropped("link_type"));
  }

  @Test
  void a_block_that_is_too_short_for_its_packet_costs_the_others_nothing() throws IOException {
    CaptureBytes capture = big().section().anInterface(1);
    capture.block(6, capture.piece().u32(0, 0, 0, 4000, 4000).raw(packet(1)));
    capture.block(6, capture.piece().u32(0, 0));
    capture.block(2, capture.piece().u32(0));
    capture.block(3, capture.piece());
    CaptureReading reading = CaptureReading.of(capture.enhanced(0, MICROS, packet(2)));
    assertEquals(List.of(2), reading.ports());
    assertEquals(4, reading.dropped("damaged_block"));
  }

  @Test
  void a_capture_cut_anywhere_counts_all_before_and_says_so() throws IOException {
    CaptureBytes capture = new CaptureBytes(LITTLE_ENDIAN).section().anInterface(1);
    int begin = capture.bytes().length;
    for (int port = 1; port <= 3; port++) {
      capture.enhanced(0, MICROS, packet(port));
    }
    byte[] whole = capture.bytes();
    int block = (whole.length - begin) / 3;
    for (int kept = begin; kept < whole.length; kept++) {
      CaptureReading reading = CaptureReading.of(Arrays.copyOf(whole, kept));
      int packets = (kept - begin) / block;
      assertEquals(packets, reading.records().size(), "kept " + kept);
      boolean between = (kept - begin) % block == 0;
      assertEquals(
          between
              ? ""
              : "cut off in block " + (packets + 3) + ", at byte " + (begin + packets * block),
          reading.end());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 8, 33, 17_000_000, 0xffff_fffcL})
  void a_length_that_is_out_of_reason_ends_the_capture_there(long length) throws IOException {
    CaptureBytes capture = big().section().anInterface(1).enhanced(0, MICROS, packet(1));
    CaptureReading reading = CaptureReading.of(capture.u32(6, length).raw(new byte[60]));
    assertEquals(List.of(1), reading.ports());
    assertTrue(reading.end().endsWith("it claims a length of " + length), reading.end());
  }

  @Test
  void lengths_that_differ_end_the_capture_there() throws IOException {
    CaptureBytes capture = big().section().anInterface(1).enhanced(0, MICROS, packet(1));
    CaptureReading reading = CaptureReading.of(capture.u32(6, 16, 0, 20));
    assertEquals(List.of(1), reading.ports());
    assertTrue(reading.end().endsWith("its two lengths differ"), reading.end());
  }

  @Test
  void a_section_of_another_version_is_not_read() throws IOException {
    CaptureBytes capture = big();
    capture.block(0x0a0d0d0a, capture.piece().u32(0x1a2b3c4d).u16(2, 0).u64(-1));
    assertTrue(CaptureReading.of(capture).end().contains("version 2"));
  }
}
