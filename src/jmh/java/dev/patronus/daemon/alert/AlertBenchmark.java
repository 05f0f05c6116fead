package dev.patronus.daemon.alert;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.AlertState;
import dev.patronus.audit.Actor;
import dev.patronus.config.AlertSettings;
import dev.patronus.daemon.process.Log;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.Preference;
import dev.patronus.policy.rule.Rules;
import dev.patronus.store.Database;
import dev.patronus.store.maintenance.NewDatabase;
import dev.patronus.store.table.SnapshotTable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What 1,000 alert rules cost a snapshot of 1,000 policies: their evaluation, and a snapshot with
/// and without their states. One rule in ten asks for what is usual, one for a path, one for a site.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=AlertBenchmark
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class AlertBenchmark {
  private static final int COUNT = 1000;
  private static final long BEGIN = 1_790_000_000L;
  private static final Actor ACTOR = new Actor("benchmark", null, "test");

  private final List<Policy> policies = new ArrayList<>();
  private Path folder;
  private Database database;
  private AlertEvaluator rounds;
  private long number;

  @Setup(Level.Trial)
  public void create() throws IOException {
    folder = Files.createTempDirectory("alerts");
    Path file = folder.resolve("sdwan.db");
    NewDatabase.make(file, ACTOR, Instant.ofEpochSecond(BEGIN));
    database = Database.openWritable(file);
    List<AlertRule> rules = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      policies.add(
          new Policy(
              i + 1, "p" + i, 1, true, Rules.read("{}"), Preference.read("\"LowestLatency\"")));
      rules.add(AlertRule.parse("r" + i + ": " + rule(i)));
    }
    int _ =
        database.write(
            ACTOR,
            Instant.ofEpochSecond(BEGIN),
            transaction -> {
              for (Policy policy : policies) {
                transaction
                    .handle()
                    .execute(
                        "INSERT INTO sdwan_policies VALUES (?, ?, 1, '{}', '\"LowestLatency\"', 1)",
                        policy.id(),
                        policy.name());
              }
              return policies.size();
            });
    rounds =
        new AlertEvaluator(
            new AlertSettings(
                rules,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Path.of("/usr/sbin/sendmail"),
                ZoneOffset.UTC),
            file,
            new Metrics(),
            new Log(
                new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                false,
                false,
                Clock.systemUTC()));
  }

  private static String rule(int i) {
    return switch (i % 10) {
      case 0 -> "policy p" + i + " byte-rate < 50% of usual for 5m";
      case 1 -> "path " + i + " loss > 2%";
      case 2 -> "site s" + i + " not-seen 10m";
      default -> "policy p" + i + " byte-rate > 1T for 5m";
    };
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    database.close();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private CounterState state(long at) {
    Instant taken = Instant.ofEpochSecond(BEGIN + 60 * at);
    List<PolicyTotal> totals = new ArrayList<>();
    for (Policy policy : policies) {
      totals.add(new PolicyTotal(policy.id(), at * 100, at * 90_000, 3, taken));
    }
    PolicyTotal none = new PolicyTotal(Snapshot.UNMATCHED, at, at, 1, taken);
    return new CounterState(at, new Snapshot(taken, totals, none, false), none, List.of());
  }

  private Map<String, AlertState> round(CounterState state) {
    AlertEvaluator.Round round =
        rounds.evaluate(
            Optional.of(database),
            new AlertEvaluator.Moment(
                state.snapshot(),
                Optional.of(state(number - 1).snapshot()),
                policies,
                Duration.ZERO));
    rounds.accept(round);
    return round.states().orElseThrow();
  }

  @Benchmark
  public int snapshot_without_alerts() {
    return new SnapshotTable(database)
        .write(state(++number), Optional.of(Map.of()), List.of(), ACTOR);
  }

  @Benchmark
  public int snapshot_with_alerts() {
    CounterState state = state(++number);
    return new SnapshotTable(database).write(state, Optional.of(round(state)), List.of(), ACTOR);
  }

  @Benchmark
  public int evaluation_alone() {
    return round(state(++number)).size();
  }
}
