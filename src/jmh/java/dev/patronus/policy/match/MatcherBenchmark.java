package dev.patronus.policy.match;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.Policy;
import dev.patronus.policy.RandomRules;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to find a flow's policy, compiled and by asking one rule after the other.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=MatcherBenchmark
///
/// JDK 25, two busy cores of a shared machine, 2026-11-23 (read the ratios): with 10, 100 and 1,000
/// policies 34, 51 and 122 ns compiled, 37, 702 and 4,893 ns one after the other.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MatcherBenchmark {

  private static final int FLOWS = 1 << 12;

  /// A small office, a gateway, and more than anybody has.
  @Param({"10", "100", "1000"})
  public int policies;

  private final FlowKey[] flows = new FlowKey[FLOWS];
  private Matcher matcher;
  private List<Policy> linear;
  private int next;

  @Setup
  public void make() {
    RandomRules random = new RandomRules(new Random(1), 9);
    matcher = Matcher.compile(random.policies(policies));
    linear = matcher.policies();
    for (int i = 0; i < FLOWS; i++) {
      flows[i] = random.flow();
    }
  }

  private FlowKey flow() {
    next = (next + 1) & (FLOWS - 1);
    return flows[next];
  }

  @Benchmark
  public int compiled() {
    return matcher.match(flow());
  }

  @Benchmark
  public int oneAfterTheOther() {
    FlowKey flow = flow();
    for (int i = 0; i < linear.size(); i++) {
      if (linear.get(i).rules().matches(flow)) {
        return i;
      }
    }
    return Matcher.NONE;
  }
}
