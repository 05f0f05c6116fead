package dev.patronus.collect;

import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Decoder;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/// How many records a second can be decoded and counted, without sockets and without a sender: by one
/// receiving thread, by two that share the keys and have a flow table each, and by two that share a
/// table, as two sources do.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=ShardsBenchmark
///
/// The datagrams are of NetFlow v5, 30 records each, made in advance. `oneSum` and `twoSums` only
/// compute: their ratio is what two threads can be beside one on this machine at all. Records a
/// microsecond, all threads together; the heap is the daemon's.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-XX:+UseSerialGC",
      "-Xms16m",
      "-Xmx192m",
      "--enable-native-access=ALL-UNNAMED"
    })
public class ShardsBenchmark {
  private static final int KEYS = 200_000;
  private static final int POLICIES = 1_000;
  private static final int RECORDS_OF_DATAGRAM = 30;
  private static final int DATAGRAMS = 16;
  private static final int RECORDS = DATAGRAMS * RECORDS_OF_DATAGRAM;
  private static final Timestamps NOW = new Timestamps(Datagram.EXPORT_MILLIS, 0);

  private static final List<Policy> ALL =
      IntStream.rangeClosed(1, POLICIES).mapToObj(TrafficAccountingBenchmark::policy).toList();

  /// The export of some keys, decoded datagram by datagram, again and again.
  private static final class Export {
    private final Decoder decoder = new Decoder(NetflowSettings.PLAIN, new Metrics(), "benchmark");
    private final byte[][] datagrams;
    private int at;

    Export(int firstKey, int keys) {
      datagrams = new byte[keys / RECORDS_OF_DATAGRAM][];
      for (int i = 0; i < datagrams.length; i++) {
        datagrams[i] = datagram(i * RECORDS_OF_DATAGRAM, firstKey);
      }
    }

    private static byte[] datagram(int sequence, int firstKey) {
      Datagram datagram = Datagram.v5(sequence);
      for (int i = 0; i < RECORDS_OF_DATAGRAM; i++) {
        int key = firstKey + sequence + i;
        String source = "10." + (key >> 16 & 255) + "." + (key >> 8 & 255) + "." + (key & 255);
        datagram.flow(source, 40_000, "192.0.2.1", 1 + key % POLICIES, 6, 3, 300);
      }
      return datagram.bytes();
    }

    void decode(FlowSink sink) {
      for (int i = 0; i < DATAGRAMS; i++) {
        byte[] datagram = datagrams[at];
        at = (at + 1) % datagrams.length;
        decoder.decode(Datagram.EXPORTER, 40_000, datagram, datagram.length, NOW, sink);
      }
    }
  }

  /// The accounting of a daemon, with its counter file and two flow tables.
  @State(Scope.Benchmark)
  public static class Counting {
    private Path file;
    private PolicyCounters counters;
    private Collector collector;
    private Thread thread;

    @Setup
    public void open() throws IOException {
      file = Files.createTempFile("counters", "");
      Files.delete(file);
      Metrics metrics = new Metrics();
      counters = PolicyCounters.open(file, "benchmark", Optional.empty(), metrics);
      TrafficAccounting.Settings plain = TrafficAccounting.Settings.DEFAULT;
      TrafficAccounting accounting =
          new TrafficAccounting(
              new TrafficAccounting.Settings(plain.flowTimeout(), plain.flowLimit(), false, 2),
              counters,
              1,
              System.nanoTime(),
              metrics);
      accounting.use(ALL, TunnelFilter.NONE);
      collector = new Collector(accounting, System::nanoTime, metrics);
      thread = Thread.ofPlatform().start(collector);
    }

    @TearDown
    public void close() throws IOException, InterruptedException {
      collector.stop();
      thread.join();
      counters.close();
      Files.delete(file);
    }
  }

  /// A thread that receives its part of the keys.
  @State(Scope.Thread)
  public static class Receiver {
    private Export export;
    private FlowSink ofOwnTable;
    private FlowSink ofSharedTable;

    @Setup
    public void open(ThreadParams thread, Counting counting) {
      int keys = KEYS / thread.getThreadCount();
      int number = thread.getThreadIndex();
      export = new Export(number * keys, keys);
      ofOwnTable = counting.collector.sink("own " + number, number);
      ofSharedTable = counting.collector.sink("shared " + number, 0);
    }
  }

  /// Something to compute that fits into registers.
  @State(Scope.Thread)
  public static class Sum {
    private long random = 88172645463325252L;

    long run() {
      for (int i = 0; i < 100 * RECORDS; i++) {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
      }
      return random;
    }
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  @Threads(1)
  public void oneReceiver(Receiver receiver) {
    receiver.export.decode(receiver.ofOwnTable);
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  @Threads(2)
  public void twoReceivers(Receiver receiver) {
    receiver.export.decode(receiver.ofOwnTable);
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  @Threads(2)
  public void twoSources(Receiver receiver) {
    receiver.export.decode(receiver.ofSharedTable);
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  @Threads(1)
  public long oneSum(Sum sum) {
    return sum.run();
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  @Threads(2)
  public long twoSums(Sum sum) {
    return sum.run();
  }
}
