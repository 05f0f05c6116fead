package dev.patronus.store.rollup;

import dev.patronus.history.Reading;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.RunningSeries;
import dev.patronus.history.tier.Tier;
import java.sql.SQLException;
import java.util.Optional;

/// A row of `patronus_series`: a policy that is rolled up, or the traffic that no policy matched.
///
/// Confined to the database's thread.
final class StoredSeries {
  /// The series of the traffic that no policy matched.
  static final long UNMATCHED = 0;

  private final long seriesId;
  private final long policyId;
  private final String name;
  private RunningSeries running;
  private final boolean stored;
  private long lastStatId;
  private long hoursUntil;
  private long daysUntil;

  /// @param policyId 0 for unmatched traffic
  /// @param lastStatId the last row of it that is rolled up
  /// @param hoursUntil hours before this second are in their tier
  /// @param daysUntil days before this second are in their tier
  /// @param stored whether the table has the row
  StoredSeries(
      long seriesId,
      long policyId,
      String name,
      RunningSeries running,
      long lastStatId,
      long hoursUntil,
      long daysUntil,
      boolean stored) {
    this.seriesId = seriesId;
    this.policyId = policyId;
    this.name = name;
    this.running = running;
    this.lastStatId = lastStatId;
    this.hoursUntil = hoursUntil;
    this.daysUntil = daysUntil;
    this.stored = stored;
  }

  /// A series without a reading.
  static StoredSeries empty(long seriesId, long policyId) {
    return new StoredSeries(
        seriesId, policyId, "", RunningSeries.empty(), 0, Long.MIN_VALUE, Long.MIN_VALUE, false);
  }

  /// Rolls a reading up.
  void accept(long statId, Reading reading, TierRollup tiers) throws SQLException {
    lastStatId = statId;
    if (!begun()) {
      begin(Tier.clamp(reading.epochSecond()));
    }
    Optional<Cell> completed = running.accept(reading);
    if (completed.isPresent()) {
      tiers.add(this, completed.get());
    }
  }

  /// Begins with the hour and the day of a second.
  void begin(long second) {
    hoursUntil = Tier.HOUR.floor(second);
    daysUntil = Tier.DAY.floor(second);
  }

  /// Puts the open cell into the tiers.
  void closeCell(TierRollup tiers) throws SQLException {
    Optional<Cell> completed = running.close();
    if (completed.isPresent()) {
      tiers.add(this, completed.get());
    }
  }

  /// Whether it has a reading.
  boolean begun() {
    return running.newestSecond() != Long.MIN_VALUE;
  }

  long seriesId() {
    return seriesId;
  }

  /// Unsigned; 0 for unmatched traffic.
  long policyId() {
    return policyId;
  }

  String name() {
    return name;
  }

  RunningSeries running() {
    return running;
  }

  /// Continues with other sums, which end with this row.
  void running(RunningSeries other, long statId) {
    running = other;
    lastStatId = statId;
  }

  boolean stored() {
    return stored;
  }

  long lastStatId() {
    return lastStatId;
  }

  long hoursUntil() {
    return hoursUntil;
  }

  long daysUntil() {
    return daysUntil;
  }

  void hoursUntil(long second) {
    hoursUntil = second;
  }

  void daysUntil(long second) {
    daysUntil = second;
  }
}
