package dev.patronus.source.pcap;

import static dev.patronus.source.pcap.CaptureBytes.packet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.testing.Captures;
import dev.patronus.testing.Program;
import dev.patronus.testing.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapSourceTest {
  @TempDir Path folder;

  private final List<FlowRecord> records = new ArrayList<>();
  private final Metrics metrics = new Metrics();

  private PcapSource source(Path file) {
    return new PcapSource(
        new SourceUri.Pcap(file.toString()), null, metrics, InstantSource.system());
  }

  private Health read(Path file) throws IOException, InterruptedException {
    try (PcapSource source = source(file)) {
      source.start(records::add);
      return source.awaitEnd();
    }
  }

  private Path write(byte... bytes) throws IOException {
    return Files.write(folder.resolve("a.pcap"), bytes);
  }

  private static byte[] capture(int packets) {
    CaptureBytes capture = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).pcap(0xa1b2c3d4L, 1);
    for (int port = 1; port <= packets; port++) {
      capture.record(1_700_000_000, 0, packet(port));
    }
    return capture.bytes();
  }

  private static byte[] gzip(byte... bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    }
    return compressed.toByteArray();
  }

  @Test
  void the_end_of_the_file_is_the_end_of_the_source() throws Exception {
    assertEquals(new Health.Ended(), read(write(capture(1000))));
    assertEquals(1000, records.size());
  }

  @Test
  void each_packet_is_a_record_with_its_own_time() throws Exception {
    Path file = folder.resolve("b.pcap");
    List<Captures.Packet> packets;
    try (Captures captures = Captures.create(file)) {
      captures.at(1_700_000_000_000L).tcp("10.0.0.1", 40000, "10.0.0.2", 443, 1500);
      captures.after(20).snap(60).udp("2001:db8::1", 5353, "2001:db8::2", 53, 1400);
      captures.after(20).icmp("10.0.0.1", "10.0.0.2", 8, 0, 84);
      packets = captures.packets();
    }
    read(file);
    assertEquals(
        packets.stream().map(packet -> (long) packet.ipBytes()).toList(),
        records.stream().map(FlowRecord::bytes).toList());
    assertEquals(
        packets.stream().map(Captures.Packet::millis).toList(),
        records.stream().map(FlowRecord::endMillis).toList());
  }

  @Test
  void a_capture_that_is_cut_off_ends_with_a_remark() throws Exception {
    byte[] whole = capture(3);
    Health health = read(write(Arrays.copyOf(whole, whole.length - 1)));
    assertEquals(new Health.Ended("cut off in packet 3, at byte 140"), health);
    assertEquals(2, records.size());
  }

  @Test
  void what_is_passed_over_is_said_at_the_end_by_its_kind() throws Exception {
    byte[] arp = new Frame().ethernet(0x0806).zeros(46).bytes();
    byte[] broken = new Frame().ethernet(0x0800).zeros(46).bytes();
    byte[] good = new Frame().ethernet(0x0800).ipv4(17, 29).ports(5353, 53).zeros(5).bytes();
    byte[] capture =
        new CaptureBytes(ByteOrder.LITTLE_ENDIAN)
            .pcap(0xa1b2c3d4L, 1)
            .record(1_700_000_000, 0, arp)
            .record(1_700_000_000, 1, good)
            .record(1_700_000_000, 2, broken)
            .record(1_700_000_000, 3, arp)
            .bytes();
    String broke = " of them had an IP header that cannot be right";
    assertEquals(
        new Health.Ended("4 packets were read and 2 of them were not IP, 1" + broke),
        read(write(capture)));
    assertEquals(1, records.size());
    Health cut = read(write(Arrays.copyOf(capture, capture.length - 1)));
    String remark = "; 3 packets were read and 1 of them were not IP, 1" + broke;
    assertTrue(cut instanceof Health.Ended ended && ended.remark().endsWith(remark), "" + cut);
  }

  @Test
  void a_compressed_capture_is_read() throws Exception {
    assertEquals(new Health.Ended(), read(write(gzip(capture(1000)))));
    assertEquals(1000, records.size());
  }

  @Test
  void a_compressed_capture_that_is_cut_off_ends_with_a_remark() throws Exception {
    byte[] whole = gzip(capture(1000));
    Health health = read(write(Arrays.copyOf(whole, whole.length / 2)));
    assertTrue(health instanceof Health.Ended ended && ended.remark().contains("cut off"));
    assertTrue(!records.isEmpty() && records.size() < 1000, records.size() + " records");
  }

  @Test
  void a_compressed_capture_that_is_damaged_ends_with_a_remark() throws Exception {
    byte[] bytes = gzip(capture(1000));
    Arrays.fill(bytes, bytes.length - 200, bytes.length, (byte) 0xff);
    Health health = read(write(bytes));
    assertTrue(health instanceof Health.Ended ended && !ended.remark().isEmpty(), "" + health);
  }

  @Test
  void what_is_no_capture_is_a_failure_in_one_sentence() throws Exception {
    Health health = read(write("#!/bin/sh\n".getBytes(StandardCharsets.UTF_8)));
    assertEquals(
        new Health.Unreadable(
            "this is no capture: it begins with 23212f62, neither pcap nor pcapng; tcpdump -w and"
                + " dumpcap write such files"),
        health);
  }

  @Test
  void a_file_that_is_not_there_is_said_at_the_start() {
    PcapSource source = source(folder.resolve("none.pcap"));
    String said = assertThrows(IOException.class, () -> source.start(_ -> {})).getMessage();
    assertTrue(said.contains("there is no capture") && said.contains("none.pcap"), said);
    source.close();
  }

  @Test
  void a_folder_is_said_at_the_start() {
    PcapSource source = source(folder);
    String said = assertThrows(IOException.class, () -> source.start(_ -> {})).getMessage();
    assertTrue(said.contains("it is a folder"), said);
  }

  @Test
  void received_packets_are_those_decoded_and_those_dropped() throws Exception {
    Path file = folder.resolve("c.pcap");
    try (Captures captures = Captures.create(file)) {
      captures.at(1_700_000_000_000L).udp("10.0.0.1", 1, "10.0.0.2", 2, 100);
      captures.frame(new Frame().ethernet(0x0806).zeros(46).bytes());
    }
    read(file);
    assertEquals(2, metrics.total("pcap_packets_received"));
    assertEquals(1, metrics.total("pcap_packets_decoded"));
    assertEquals(1, metrics.total("pcap_packets_dropped"));
  }

  @Test
  void a_pipe_hands_on_what_it_has_before_it_waits_for_more() throws Exception {
    Path pipe = pipe();
    CountDownLatch flushed = new CountDownLatch(1);
    FlowSink sink =
        new FlowSink() {
          @Override
          public void accept(FlowRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {
            if (!records.isEmpty()) {
              flushed.countDown();
            }
          }
        };
    try (PcapSource source = source(pipe)) {
      source.start(sink);
      try (OutputStream out = Files.newOutputStream(pipe)) {
        out.write(capture(1));
        out.flush();
        flushed.await();
        assertEquals(new Health.Running(), source.health());
      }
      assertEquals(new Health.Ended(), source.awaitEnd());
    }
    assertEquals(1, records.size());
  }

  @Test
  void a_source_whose_pipe_has_no_other_end_can_be_closed() throws Exception {
    PcapSource source = source(pipe());
    source.start(records::add);
    source.close();
    assertEquals(new Health.Idle(), source.health());
  }

  @Test
  void a_source_whose_pipe_is_silent_can_be_closed() throws Exception {
    Path pipe = pipe();
    PcapSource source = source(pipe);
    source.start(records::add);
    try (OutputStream out = Files.newOutputStream(pipe)) {
      out.write(capture(0));
      out.flush();
      source.close();
      assertEquals(new Health.Idle(), source.health());
    }
  }

  private Path pipe() {
    Tools.require("mkfifo");
    Path pipe = folder.resolve("pipe");
    assertEquals(0, Program.of("mkfifo", pipe).run().exitCode());
    return pipe;
  }
}
