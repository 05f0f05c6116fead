package dev.patronus.route;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.site.Path;
import dev.patronus.site.PathStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a decision costs in a mesh of 50 sites and 2,450 paths: remembered; not remembered; and
/// the first one after the metrics were cleared, which walks through all paths.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=RouterBenchmark
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouterBenchmark {
  private static final int FLOWS = 4_096;

  private Router router;
  private int next;

  @Setup
  public void build() {
    Random random = new Random(42);
    Map<Long, PathMetrics> metrics = new HashMap<>();
    List<Path> paths = new ArrayList<>();
    for (int src = 0; src < 50; src++) {
      for (int dst = 0; dst < 50; dst++) {
        if (src != dst) {
          long id = paths.size() + 1L;
          paths.add(path(id, src, dst));
          metrics.put(id, measured(id, random));
        }
      }
    }
    router = new Router(_ -> metrics, System::nanoTime);
    PathPreference fast = PathPreference.Single.LOWEST_LATENCY;
    Policy policy = new Policy(1, "fast", 0, true, MatchRules.ALL, fast);
    router.update(List.of(policy), new Mesh(paths, List.of()));
  }

  private static Path path(long id, int src, int dst) {
    return new Path(
        id, "site-" + src, "site-" + dst, "a", "b", Optional.empty(), PathStatus.Known.UP);
  }

  private static PathMetrics measured(long id, Random random) {
    return new PathMetrics(id, Instant.EPOCH, random.nextDouble(200), 5, 1, 400, 1420, 80);
  }

  private static FlowKey flow(int number) {
    return FlowKey.of(IpAddress.v4(number), 1000, IpAddress.v4(~number), 443, FlowKey.TCP);
  }

  @Benchmark
  public Object remembered() {
    return router.decide(flow(next++ & FLOWS - 1));
  }

  @Benchmark
  public Object not_remembered() {
    return router.decide(flow(next++));
  }

  @Benchmark
  public Object first_after_a_clear() {
    router.clear();
    return router.decide(flow(1));
  }
}
