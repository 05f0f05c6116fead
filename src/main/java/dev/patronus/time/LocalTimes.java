package dev.patronus.time;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/// What a local time means in a zone whose clocks are changed twice a year.
public final class LocalTimes {
  private LocalTimes() {}

  /// The first instant at which the clocks of the zone show `local` or more: for a time that they
  /// skipped, the moment when they jumped; for one that they showed twice, the first.
  public static Instant instant(LocalDateTime local, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    ZoneOffsetTransition change = rules.getTransition(local);
    if (change != null && change.isGap()) {
      return change.getInstant();
    }
    return local.toInstant(rules.getValidOffsets(local).getFirst());
  }
}
