package dev.patronus.source.pcap;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Captures of noise, and real ones with noise in them: each ends with a sentence at worst.
class CaptureNoiseTest {
  private static final int ROUNDS = 4_000;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  @Test
  void noise_is_no_capture() {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      read(round, bytes);
    }
  }

  @Test
  void noise_behind_a_file_header_ends_somewhere() {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] noise = new byte[random.nextInt(400)];
      random.nextBytes(noise);
      CaptureBytes capture = new CaptureBytes(order());
      boolean classic = random.nextBoolean();
      capture = classic ? capture.pcap(0xa1b2c3d4L, 1) : capture.section().anInterface(1);
      read(round, capture.raw(noise).bytes());
    }
  }

  @Test
  void flipped_bytes_and_cuts_end_somewhere() {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = random.nextBoolean() ? pcap() : pcapng();
      for (int flips = random.nextInt(6); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      read(round, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
    }
  }

  private void read(int round, byte[] bytes) {
    try {
      CaptureReading reading = CaptureReading.of(bytes);
      long received = reading.metrics().total("pcap_packets_received");
      long told =
          reading.metrics().total("pcap_packets_decoded")
              + reading.metrics().total("pcap_packets_dropped");
      assertTrue(received == told && reading.end().lines().count() <= 1, () -> where(round));
    } catch (IOException e) {
      assertTrue(e.getMessage() != null && e.getMessage().lines().count() == 1, where(round));
    } catch (RuntimeException e) {
      throw new AssertionError(where(round), e);
    }
  }

  private String where(int round) {
    return "seed " + seed + ", round " + round;
  }

  private ByteOrder order() {
    return random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private byte[] pcap() {
    CaptureBytes capture = new CaptureBytes(order()).pcap(0xa1b2c3d4L, 1);
    return capture.record(1, 2, packet()).record(3, 4, packet()).bytes();
  }

  private byte[] pcapng() {
    CaptureBytes capture = new CaptureBytes(order()).section().timedInterface(1, 9, 7);
    CaptureBytes statistics = capture.piece().u32(0, 0, 0).u16(5, 8).u64(9).u16(0, 0);
    capture.enhanced(0, 1_000_000, packet()).block(5, statistics);
    return capture.block(3, capture.piece().u32(42).raw(packet())).bytes();
  }

  private byte[] packet() {
    return CaptureBytes.packet(random.nextInt(65_536));
  }
}
