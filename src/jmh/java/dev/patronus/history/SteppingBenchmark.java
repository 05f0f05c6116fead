package dev.patronus.history;

import dev.patronus.time.TimeRange;
import java.time.ZoneId;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a row of history costs when 50 million of them pass, in a heap of 48 MB: policy by policy as
/// an export reads them, and minute by minute with the policies mixed.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=SteppingBenchmark
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 2)
@Fork(value = 1, jvmArgs = "-Xmx48m")
public class SteppingBenchmark {
  private static final int ROWS = 50_000_000;
  private static final int POLICIES = 1_000;
  private static final int ROWS_OF_EACH = ROWS / POLICIES;
  private static final long START = 1_790_000_000L;

  @Param({"5m", "1d"})
  private String step;

  private long points;

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public long policy_by_policy() {
    Stepping stepping = stepping();
    for (int policy = 0; policy < POLICIES; policy++) {
      for (int minute = 0; minute < ROWS_OF_EACH; minute++) {
        stepping.accept(reading(policy, minute));
      }
    }
    stepping.finish();
    return points;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public long minute_by_minute() {
    Stepping stepping = stepping();
    for (int minute = 0; minute < ROWS_OF_EACH; minute++) {
      for (int policy = 0; policy < POLICIES; policy++) {
        stepping.accept(reading(policy, minute));
      }
    }
    stepping.finish();
    return points;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public long deltas_alone() {
    Deltas deltas = new Deltas();
    long bytes = 0;
    for (int policy = 0; policy < POLICIES; policy++) {
      for (int minute = 0; minute < ROWS_OF_EACH; minute++) {
        if (deltas.next(reading(policy, minute)) instanceof Change.Delta delta) {
          bytes += delta.bytes();
        }
      }
    }
    return bytes;
  }

  private Stepping stepping() {
    Buckets buckets = new Buckets(Step.parse(step), ZoneId.of("Europe/Berlin"));
    return new Stepping(buckets, TimeRange.ALL, 180, _ -> points++);
  }

  private static Reading reading(int policy, long minute) {
    return new Reading(policy * 0x9E3779B97F4A7C15L, START + minute * 60, minute, minute * 900, 3);
  }
}
