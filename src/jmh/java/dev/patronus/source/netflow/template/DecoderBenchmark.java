package dev.patronus.source.netflow.template;

import static dev.patronus.source.netflow.Datagram.ie;

import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Decoder;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.Octets;
import dev.patronus.source.netflow.wire.Timestamps;
import java.util.ArrayList;
import java.util.List;
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

/// What one record costs, from the datagram to the sink.
///
/// `./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh="DecoderBenchmark"`
///
/// Datagrams carry 30 (v5), 35 (v9) and 25 (IPFIX) records, as in a full Ethernet frame. `variable`
/// is IPFIX with a field of variable length before the counters, `sampled` one whose records name
/// their sampler.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class DecoderBenchmark {
  /// A number of records that 30, 35 and 25 divide.
  private static final int RECORDS = 1050;

  private static final int TEMPLATE = 256;
  private static final Timestamps NOW = new Timestamps(Datagram.EXPORT_MILLIS, 0);

  @Param({"v5", "v9", "ipfix", "ipfix6", "variable", "sampled"})
  public String format;

  private final Decoder decoder = new Decoder(NetflowSettings.PLAIN, new Metrics(), "benchmark");
  private final Random random = new Random(1);
  private List<byte[]> datagrams;

  @Setup
  public void export() {
    datagrams = new ArrayList<>();
    int perDatagram =
        switch (format) {
          case "v5" -> 30;
          case "v9" -> 35;
          default -> 25;
        };
    decode(templates(), _ -> {});
    for (int sent = 0; sent < RECORDS; sent += perDatagram) {
      datagrams.add(datagram(perDatagram).bytes());
    }
  }

  private void decode(Datagram datagram, FlowSink sink) {
    byte[] bytes = datagram.bytes();
    decoder.decode(Datagram.EXPORTER, 40000, bytes, bytes.length, NOW, sink);
  }

  private Datagram templates() {
    return switch (format) {
      case "v5" -> Datagram.v5(0);
      case "v9" -> Datagram.v9(0).template(TEMPLATE, fields(4, 8, 12, ie(22, 4), ie(21, 4)));
      case "ipfix" -> ipfix().template(TEMPLATE, fields(4, 8, 12, ie(152, 8), ie(153, 8)));
      case "ipfix6" -> ipfix().template(TEMPLATE, fields(16, 27, 28, ie(152, 8), ie(153, 8)));
      case "variable" ->
          ipfix().template(TEMPLATE, fields(4, 8, 12, ie(371, TemplateField.VARIABLE), ie(153, 8)));
      case "sampled" -> sampled();
      default -> throw new IllegalArgumentException(format);
    };
  }

  private static Datagram sampled() {
    return ipfix()
        .template(TEMPLATE, fields(4, 8, 12, ie(302, 8), ie(153, 8)))
        .options(300, 1, ie(302, 8), ie(50, 4))
        .data(300, Octets.octets().u64(1).u32(100));
  }

  private static Datagram ipfix() {
    return Datagram.ipfix(0);
  }

  private static List<Datagram.Spec> fields(int address, int src, int dst, Datagram.Spec... times) {
    List<Datagram.Spec> fields =
        new ArrayList<>(
            List.of(ie(src, address), ie(dst, address), ie(10, 4), ie(14, 4), ie(7, 2), ie(11, 2)));
    fields.addAll(List.of(ie(4, 1), ie(6, 1), ie(5, 1), ie(61, 1)));
    fields.addAll(List.of(times));
    fields.addAll(List.of(ie(2, 4), ie(1, 4)));
    return fields;
  }

  private Datagram datagram(int records) {
    Datagram datagram =
        switch (format) {
          case "v5" -> Datagram.v5(0);
          case "v9" -> Datagram.v9(0);
          default -> ipfix();
        };
    Octets[] all = new Octets[records];
    for (int i = 0; i < records; i++) {
      if (format.equals("v5")) {
        datagram.flow(v4(), port(), v4(), 443, 6, 10, 9000);
      } else {
        all[i] = record();
      }
    }
    return format.equals("v5") ? datagram : datagram.data(TEMPLATE, all);
  }

  private Octets record() {
    Octets record = Octets.octets();
    if (format.equals("ipfix6")) {
      record.u64(random.nextLong()).u64(random.nextLong()).u64(random.nextLong()).u64(1);
    } else {
      record.ip(v4()).ip(v4());
    }
    record.u32(1).u32(2).u16(port()).u16(443).u8(6).u8(0x18).u8(0).u8(0);
    switch (format) {
      case "v9" -> record.u32(Datagram.UPTIME - 2000).u32(Datagram.UPTIME - 1000);
      case "variable" -> record.variable(new byte[8]).u64(Datagram.EXPORT_MILLIS - 1000);
      case "sampled" -> record.u64(1).u64(Datagram.EXPORT_MILLIS - 1000);
      default -> record.u64(Datagram.EXPORT_MILLIS - 2000).u64(Datagram.EXPORT_MILLIS - 1000);
    }
    return record.u32(10).u32(9000);
  }

  private String v4() {
    return "10." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256);
  }

  private int port() {
    return 1024 + random.nextInt(60_000);
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void record(Blackhole sink) {
    for (byte[] datagram : datagrams) {
      decoder.decode(Datagram.EXPORTER, 40000, datagram, datagram.length, NOW, sink::consume);
    }
  }
}
