package dev.patronus.alert;

import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficLimit.Measure;
import java.util.Locale;
import java.util.Objects;

/// What an alert rule measures.
///
/// Immutable.
public sealed interface Subject {

  /// The traffic of one policy, of all policies, or of what no policy matched.
  ///
  /// @param policy the name or id of a policy, [TrafficLimit#TOTAL] or [TrafficLimit#UNMATCHED]
  record Traffic(String policy, Measure measure) implements Subject {
    public Traffic {
      Objects.requireNonNull(policy, "policy");
      if (measure == Measure.AGE) {
        throw new IllegalArgumentException("one policy has no age of its own; use idle");
      }
    }

    /// Whether it is no policy's own, but that of all, or of what none matched.
    public boolean ofSum() {
      return policy.equals(TrafficLimit.TOTAL) || policy.equals(TrafficLimit.UNMATCHED);
    }

    /// Whether its mean over an hour can be compared with other hours.
    boolean hasUsual() {
      return measure == Measure.BYTE_RATE || measure == Measure.PACKET_RATE;
    }
  }

  /// The age of the newest snapshot.
  record SnapshotAge() implements Subject {}

  /// The newest measurement of a path.
  record PathValue(long pathId, PathMeasure measure) implements Subject {
    public PathValue {
      Objects.requireNonNull(measure, "measure");
    }
  }

  /// The time since the platform last heard from a site.
  ///
  /// @param site its name or id
  record SiteSilence(String site) implements Subject {
    public SiteSilence {
      Objects.requireNonNull(site, "site");
    }
  }

  /// The room that is left on the disk of the database.
  ///
  /// @param percent whether it is measured in per cent of the disk; otherwise in bytes
  record DiskFree(boolean percent) implements Subject {}

  /// The records that sources dropped or lost since the snapshot before.
  record Drops() implements Subject {}

  /// The exporters whose sampling rate is another than at the snapshot before.
  record SamplingChanges() implements Subject {}

  /// How much of a budget is used in the current period, in per cent.
  ///
  /// @param budget its name
  /// @param forecast whether it is what will be used at the end of the period
  record BudgetUse(String budget, boolean forecast) implements Subject {
    public BudgetUse {
      Objects.requireNonNull(budget, "budget");
    }
  }

  /// What is measured, and of what, for people: `rate of policy voice`.
  default String description() {
    return switch (this) {
      case Traffic(String policy, Measure measure) -> word(measure) + " of " + scope(policy);
      case SnapshotAge _ -> "age of the newest snapshot";
      case PathValue(long path, PathMeasure measure) ->
          measure == PathMeasure.AGE
              ? "age of the newest measurement of path " + path
              : measure.word() + " of path " + path;
      case SiteSilence(String site) -> "time since site " + site + " was heard from";
      case DiskFree _ -> "free space on the database's disk";
      case Drops _ -> "records dropped or lost since the snapshot before";
      case SamplingChanges _ -> "exporters whose sampling rate has changed";
      case BudgetUse(String budget, boolean forecast) ->
          (forecast ? "forecast use" : "use") + " of budget " + budget;
    };
  }

  private static String word(Measure measure) {
    return switch (measure) {
      case PACKETS -> "packets";
      case BYTES -> "volume";
      case FLOWS -> "active flows";
      case PACKET_RATE -> "packet rate";
      case BYTE_RATE -> "rate";
      case AGE -> "age";
      case IDLE -> "time since the last packet";
    };
  }

  private static String scope(String policy) {
    return switch (policy) {
      case TrafficLimit.TOTAL -> "all policies together";
      case TrafficLimit.UNMATCHED -> "unmatched traffic";
      default -> "policy " + policy;
    };
  }

  /// What the platform measures of a path.
  enum PathMeasure {
    LATENCY(Unit.MILLISECONDS),
    JITTER(Unit.MILLISECONDS),
    LOSS(Unit.PERCENT),
    BANDWIDTH(Unit.MEGABITS),
    SCORE(Unit.COUNT),
    /// The age of the newest measurement.
    AGE(Unit.SECONDS);

    private final Unit unit;

    PathMeasure(Unit unit) {
      this.unit = unit;
    }

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The unit of its values.
  default Unit unit() {
    return switch (this) {
      case Traffic(_, Measure measure) ->
          switch (measure) {
            case PACKETS, FLOWS -> Unit.COUNT;
            case BYTES -> Unit.BYTES;
            case PACKET_RATE -> Unit.PACKETS_PER_SECOND;
            case BYTE_RATE -> Unit.BYTES_PER_SECOND;
            case AGE, IDLE -> Unit.SECONDS;
          };
      case SnapshotAge _, SiteSilence _ -> Unit.SECONDS;
      case PathValue(_, PathMeasure measure) -> measure.unit;
      case DiskFree(boolean percent) -> percent ? Unit.PERCENT : Unit.BYTES;
      case Drops _, SamplingChanges _ -> Unit.COUNT;
      case BudgetUse _ -> Unit.PERCENT;
    };
  }
}
