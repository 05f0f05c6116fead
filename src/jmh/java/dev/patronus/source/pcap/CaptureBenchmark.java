package dev.patronus.source.pcap;

import dev.patronus.flow.FlowRecord;
import dev.patronus.metrics.Metrics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// What a packet costs, from the bytes of a capture to its record; and its decoding alone.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=CaptureBenchmark
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CaptureBenchmark {
  private static final int PACKETS = 10_000;
  private static final int SNAP = 96;
  private static final int RECORD = 16 + SNAP;

  /// All of IPv4, or of IPv6, or both mixed with VLANs.
  @Param({"v4", "v6", "mixed"})
  public String kind;

  private byte[] capture;
  private ByteBuffer bytes;
  private long sum;

  @Setup
  public void make() throws IOException {
    Random random = new Random(1);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.writeInt(0xa1b2c3d4);
    out.writeLong(0x0002_0004_0000_0000L);
    out.writeLong(262_144);
    out.writeInt(1);
    for (int i = 0; i < PACKETS; i++) {
      out.writeInt(1_700_000_000 + i / 1000);
      out.writeInt(i % 1000);
      out.writeInt(SNAP);
      out.writeInt(1_514);
      out.write(frame(random));
    }
    capture = file.toByteArray();
    bytes = ByteBuffer.wrap(capture);
  }

  private byte[] frame(Random random) {
    boolean v4 = kind.equals("v4") || (kind.equals("mixed") && random.nextBoolean());
    ByteBuffer frame = ByteBuffer.allocate(SNAP).putLong(12, 0);
    frame.position(12);
    if (kind.equals("mixed") && random.nextInt(4) == 0) {
      frame.putInt(0x8100_0064);
    }
    frame.putShort((short) (v4 ? 0x0800 : 0x86dd));
    int protocol = random.nextInt(3) == 0 ? 17 : 6;
    if (v4) {
      frame.putInt(0x4500_05dc).putInt(0).putInt(0x4000_0000 | protocol << 16);
      frame.putInt(0x0a00_0000 | random.nextInt(10_000)).putInt(0x0a01_0000);
    } else {
      frame.putInt(0x6000_0000).putShort((short) 1460).put((byte) protocol).put((byte) 64);
      frame.putLong(0x2001_0db8_0000_0000L).putLong(random.nextInt(10_000));
      frame.putLong(0x2001_0db8_0001_0000L).putLong(1);
    }
    return frame.putShort((short) random.nextInt(65_536)).putShort((short) 443).array();
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public void decode(Blackhole into) {
    for (int i = 0; i < PACKETS; i++) {
      int at = 24 + i * RECORD + 16;
      into.consume(PacketDecoder.decode(LinkLayer.ETHERNET, bytes, at, SNAP, 1_514));
    }
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public long read() throws IOException {
    PacketCounts counts =
        new PacketCounts(
            "pcap:bench",
            new CaptureProgress("", this::take),
            new Metrics(),
            InstantSource.system());
    CaptureInput input = new CaptureInput(new ByteArrayInputStream(capture), counts::flush);
    CaptureFormat format = CaptureFormat.open(input);
    while (format.next(input, counts)) {}
    return sum;
  }

  private void take(FlowRecord record) {
    sum += record.bytes();
  }
}
