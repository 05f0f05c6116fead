package dev.patronus.history.tier;

import dev.patronus.history.Step;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which tiers can answer for the steps of a history: those on whose borders the steps begin.
public final class TierChoice {
  private TierChoice() {}

  /// The coarsest tier that all steps of a range begin on borders of; empty if none has them.
  ///
  /// @param from in epoch seconds, as `until` within the years 1 to 9999
  public static Optional<Tier> coarsest(Step step, ZoneId zone, long from, long until) {
    Optional<Tier> found = Optional.empty();
    for (Tier tier : Tier.values()) {
      if (divides(tier, step) && divides(tier, zone.getRules(), from, until)) {
        found = Optional.of(tier);
      }
    }
    return found;
  }

  private static boolean divides(Tier tier, Step step) {
    return switch (step) {
      case Step.Clock(int seconds) -> seconds % tier.seconds() == 0;
      case Step.Days _ -> true;
      case Step.Months _ -> true;
    };
  }

  /// Whether the zone's clocks differ from UTC by whole cells all the time, and are changed on
  /// borders.
  private static boolean divides(Tier tier, ZoneRules rules, long from, long until) {
    Instant at = Instant.ofEpochSecond(from);
    Instant end = Instant.ofEpochSecond(until);
    if (rules.getOffset(at).getTotalSeconds() % tier.seconds() != 0) {
      return false;
    }
    for (ZoneOffsetTransition change = rules.nextTransition(at);
        change != null && change.getInstant().isBefore(end);
        change = rules.nextTransition(change.getInstant())) {
      if (change.getOffsetAfter().getTotalSeconds() % tier.seconds() != 0
          || change.toEpochSecond() % tier.seconds() != 0) {
        return false;
      }
    }
    return true;
  }

  /// A part of a range, and the tier that it is read from.
  public record Part(Tier tier, long from, long until) {}

  /// Cuts a range into parts, each of the coarsest tier that has it.
  ///
  /// @param coarsest the coarsest tier that may be used
  /// @param hoursUntil hours before this second are summed up
  /// @param daysUntil days before this second are summed up
  /// @param from a border of 5 minutes, as `until`
  public static List<Part> parts(
      Tier coarsest, long hoursUntil, long daysUntil, long from, long until) {
    List<Part> parts = new ArrayList<>();
    switch (coarsest) {
      case FIVE_MINUTES -> add(parts, Tier.FIVE_MINUTES, from, until);
      case HOUR -> addHours(parts, hoursUntil, from, until);
      case DAY -> {
        long first = Math.min(Tier.DAY.ceiling(from), until);
        long end = Math.max(first, Math.min(Tier.DAY.floor(until), daysUntil));
        addHours(parts, hoursUntil, from, first);
        add(parts, Tier.DAY, first, end);
        addHours(parts, hoursUntil, end, until);
      }
    }
    return parts;
  }

  private static void addHours(List<Part> parts, long hoursUntil, long from, long until) {
    long first = Math.min(Tier.HOUR.ceiling(from), until);
    long end = Math.max(first, Math.min(Tier.HOUR.floor(until), hoursUntil));
    add(parts, Tier.FIVE_MINUTES, from, first);
    add(parts, Tier.HOUR, first, end);
    add(parts, Tier.FIVE_MINUTES, end, until);
  }

  private static void add(List<Part> parts, Tier tier, long from, long until) {
    if (from < until) {
      parts.add(new Part(tier, from, until));
    }
  }
}
