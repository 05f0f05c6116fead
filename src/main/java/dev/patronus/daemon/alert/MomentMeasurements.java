package dev.patronus.daemon.alert;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.Budget;
import dev.patronus.alert.Measured;
import dev.patronus.alert.Measurements;
import dev.patronus.alert.Subject;
import dev.patronus.alert.Subject.PathMeasure;
import dev.patronus.config.AlertSettings;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.history.Change;
import dev.patronus.history.Reading;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.route.PathMetrics;
import dev.patronus.store.rollup.TrafficMeans.Whose;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The values of all subjects at the moment of a snapshot.
///
/// Confined to the database worker's thread.
final class MomentMeasurements implements Measurements {
  private static final String NO_RATE = "there is no earlier snapshot to compute a rate from";

  private final AlertEvaluator.Moment moment;
  private final AlertSettings settings;
  private final DatabaseFacts facts;
  private final DropCount drops;
  private final RateWatch rates;
  private final Instant now;
  private Map<String, List<Policy>> byName;
  private Map<Long, PolicyTotal> totals;
  private Map<Long, PolicyTotal> totalsBefore;
  private @Nullable Set<Long> paths;

  @SuppressWarnings("NullAway.Init") // read once a rule asks for a policy
  MomentMeasurements(
      AlertSettings settings,
      AlertEvaluator.Moment moment,
      DatabaseFacts facts,
      DropCount drops,
      RateWatch rates) {
    this.settings = settings;
    this.moment = moment;
    this.facts = facts;
    this.drops = drops;
    this.rates = rates;
    this.now = moment.snapshot().taken();
  }

  @Override
  public Measured value(Subject subject) {
    return switch (subject) {
      case Subject.Traffic traffic -> traffic(traffic);
      case Subject.SnapshotAge _ -> Measured.of((double) moment.age().toSeconds());
      case Subject.PathValue(long id, PathMeasure measure) ->
          facts.path(id, paths(), path(measure));
      case Subject.SiteSilence(String site) -> facts.siteSilence(site, now);
      case Subject.DiskFree(boolean percent) -> facts.diskFree(percent);
      case Subject.Drops _ -> Measured.of(drops.since());
      case Subject.SamplingChanges _ -> Measured.of(rates.changes());
      case Subject.BudgetUse(String budget, boolean forecast) -> budget(budget, forecast);
    };
  }

  @Override
  public Measured usual(Subject.Traffic traffic) {
    Optional<Whose> whose = whose(traffic.policy());
    return whose.isEmpty()
        ? noPolicy(traffic.policy())
        : facts.usual(whose.get(), traffic.measure(), now, settings.zone());
  }

  private Measured budget(String name, boolean forecast) {
    Budget budget =
        settings.budgets().stream()
            .filter(each -> each.name().equals(name))
            .findFirst()
            .orElseThrow(); // the settings have none of an unknown budget
    Optional<Whose> whose = whose(budget.policy());
    return whose.isEmpty()
        ? noPolicy(budget.policy())
        : facts.budget(budget, whose.get(), forecast, now, settings.zone());
  }

  private Optional<Whose> whose(String policy) {
    return switch (policy) {
      case TrafficLimit.TOTAL -> Optional.of(new Whose.Matched());
      case TrafficLimit.UNMATCHED -> Optional.of(new Whose.Unmatched());
      default -> policy(policy).map(found -> new Whose.Policy(found.id()));
    };
  }

  private Set<Long> paths() {
    if (paths == null) {
      paths =
          settings.rules().stream()
              .map(AlertRule::subject)
              .filter(Subject.PathValue.class::isInstance)
              .map(subject -> ((Subject.PathValue) subject).pathId())
              .collect(Collectors.toSet());
    }
    return paths;
  }

  private Function<PathMetrics, Double> path(PathMeasure measure) {
    return switch (measure) {
      case LATENCY -> PathMetrics::latencyMs;
      case JITTER -> PathMetrics::jitterMs;
      case LOSS -> PathMetrics::packetLossPct;
      case BANDWIDTH -> PathMetrics::bandwidthMbps;
      case SCORE -> metrics -> (double) metrics.score();
      case AGE ->
          metrics -> (double) Math.max(0, Duration.between(metrics.measuredAt(), now).toSeconds());
    };
  }

  private Measured traffic(Subject.Traffic subject) {
    return switch (subject.policy()) {
      case TrafficLimit.TOTAL -> total(subject.measure());
      case TrafficLimit.UNMATCHED ->
          measure(
              subject.measure(),
              moment.snapshot().unmatched(),
              moment.before().map(Snapshot::unmatched));
      default -> ofPolicy(subject);
    };
  }

  private Measured ofPolicy(Subject.Traffic subject) {
    index();
    Optional<Policy> policy = policy(subject.policy());
    if (policy.isEmpty()) {
      return noPolicy(subject.policy());
    }
    PolicyTotal total = totals.get(policy.get().id());
    return total == null
        ? Measured.unknown("policy '" + subject.policy() + "' is not counted yet")
        : measure(
            subject.measure(), total, Optional.ofNullable(totalsBefore.get(total.policyId())));
  }

  private Measured noPolicy(String name) {
    return Measured.unknown(
        byName.containsKey(name)
            ? "several policies have the name '" + name + "'; use the id"
            : "there is no policy '" + name + "'");
  }

  private void index() {
    if (byName == null) {
      byName = moment.policies().stream().collect(Collectors.groupingBy(Policy::name));
      totals = byId(moment.snapshot());
      totalsBefore = moment.before().map(MomentMeasurements::byId).orElse(Map.of());
    }
  }

  private static Map<Long, PolicyTotal> byId(Snapshot snapshot) {
    Map<Long, PolicyTotal> byId = new HashMap<>();
    snapshot.policies().forEach(total -> byId.put(total.policyId(), total));
    return byId;
  }

  /// The policy with this name or id; empty if there is none, or if several have the name.
  private Optional<Policy> policy(String text) {
    index();
    List<Policy> named = byName.getOrDefault(text, List.of());
    if (named.isEmpty()) {
      return moment.policies().stream()
          .filter(policy -> PolicyId.format(policy.id()).equals(text))
          .findFirst();
    }
    return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
  }

  private Measured measure(Measure measure, PolicyTotal total, Optional<PolicyTotal> before) {
    return switch (measure) {
      case PACKETS -> Measured.of((double) total.packets());
      case BYTES -> Measured.of((double) total.bytes());
      case FLOWS -> Measured.of((double) total.activeFlows());
      case PACKET_RATE, BYTE_RATE -> {
        OptionalDouble rate = rate(measure, total, before);
        yield rate.isPresent() ? Measured.of(rate.getAsDouble()) : Measured.unknown(NO_RATE);
      }
      case AGE -> Measured.unknown("one policy has no age of its own");
      case IDLE ->
          Measured.of(
              total.lastSeen() == null
                  ? Double.POSITIVE_INFINITY
                  : (double) Math.max(0, Duration.between(total.lastSeen(), now).toSeconds()));
    };
  }

  private OptionalDouble rate(Measure measure, PolicyTotal total, Optional<PolicyTotal> before) {
    Optional<Reading> earlier =
        before.map(each -> reading(each, moment.before().orElseThrow().taken()));
    if (earlier.isPresent()
        && Change.of(earlier, reading(total, now)) instanceof Change.Delta delta) {
      return measure == Measure.PACKET_RATE ? delta.packetsPerSecond() : delta.bytesPerSecond();
    }
    return OptionalDouble.empty();
  }

  private static Reading reading(PolicyTotal total, Instant at) {
    return new Reading(
        total.policyId(), at.getEpochSecond(), total.packets(), total.bytes(), total.activeFlows());
  }

  /// What all policies carry together: the sum of their values; the shortest of their idle times.
  private Measured total(Measure measure) {
    index();
    double sum = 0;
    double idle = Double.POSITIVE_INFINITY;
    boolean known = measure != Measure.PACKET_RATE && measure != Measure.BYTE_RATE;
    for (PolicyTotal total : moment.snapshot().policies()) {
      Measured one =
          measure(measure, total, Optional.ofNullable(totalsBefore.get(total.policyId())));
      if (one instanceof Measured.Known(double value)) {
        known = true;
        sum += value;
        idle = Math.min(idle, value);
      }
    }
    if (!known) {
      return Measured.unknown(NO_RATE);
    }
    return Measured.of(measure == Measure.IDLE ? idle : sum);
  }
}
